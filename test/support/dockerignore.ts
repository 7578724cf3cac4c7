import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Rule {
  readonly line: string;
  readonly pattern: RegExp;
  readonly ignores: boolean;
}

/**
 * The files of a build's context, as its .dockerignore leaves them: the last line that fits a path, or a folder it is in, decides.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function contextFiles(context: string): string[] {
  const rules = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(toRule);
  const filesIn = (folder: string): string[] =>
    readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isSent = !isIgnored(path, rules);
      if (!entry.isDirectory()) return isSent ? [path] : [];
      return isSent || mayHoldExceptions(path, rules) ? filesIn(path) : [];
    });
  return filesIn('');
}

function isIgnored(path: string, rules: readonly Rule[]): boolean {
  const parts = path.split('/');
  const within = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  return rules.findLast(({ pattern }) => within.some((one) => pattern.test(one)))?.ignores === true;
}

function mayHoldExceptions(folder: string, rules: readonly Rule[]): boolean {
  return rules.some(({ line, ignores }) => !ignores && line.startsWith(`${folder}/`));
}

function toRule(text: string): Rule {
  const line = text.replace(/^!/, '');
  const source = line
    .replace(/[.+^$()|{}[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  return { line, pattern: new RegExp(`^${source}$`), ignores: line === text };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from './process.ts';

const FILE = join(ROOT, 'bench/RESULTS.md');

/** Replaces the results of one benchmark in bench/RESULTS.md, or adds them at the end. The others stay. */
export async function writeResults(title: string, text: string): Promise<void> {
  const parts = readFileSync(FILE, 'utf8').split(/^(?=# )/m);
  const own = `# ${title}\n\n${text}\n\n`;
  const index = parts.findIndex((part) => part.startsWith(`# ${title}\n`));
  const all = index < 0 ? [...parts, own] : parts.with(index, own);
  writeFileSync(FILE, await format(all.join('\n'), { ...(await resolveConfig(FILE)), parser: 'markdown' }));
}

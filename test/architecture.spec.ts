import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { copySourceTree } from './support/source-tree.ts';

const SANDBOX_RULE = 'sandbox-depends-on-the-kit-sandbox-alone';

/** What is planted, and the rule that has to notice it, in the linter and in the check of imports. */
const FORBIDDEN: readonly (readonly [file: string, source: string, importRule: string, isLinted: boolean])[] = [
  ['libs/adapter-kit/src/p1.ts', "export * from '@score-crm/connections';", 'kit-depends-on-nothing-of-ours', true],
  ['libs/adapter-smtp/src/p2.ts', "export * from '@score-crm/connections';", 'adapter-depends-on-the-kit-alone', true],
  [
    'libs/connections/src/p3.ts',
    "export * from '@score-crm/adapter-smtp';",
    'connections-names-no-vendor-and-no-http',
    true,
  ],
  ['libs/connections/src/p4.ts', "export * from 'fastify';", 'connections-names-no-vendor-and-no-http', true],
  [
    'libs/connections/src/p5.ts',
    "export * from '../../../src/config/configuration.ts';",
    'nothing-imports-the-service',
    false,
  ],
  ['src/auth/p6.ts', "export * from '@score-crm/adapter-smtp';", 'vendors-only-in-adapters.ts', true],
  ['src/auth/p7.ts', "export { DataSource } from 'typeorm';", 'typeorm-only-in-persistence', false],
  [
    'src/auth/p8.ts',
    "export * from '../../libs/connections/src/secrets/key-ring.ts';",
    'packages-only-by-their-entry',
    false,
  ],
  ['libs/adapter-smtp/sandbox/p13.ts', "export * from '../src/index.ts';", SANDBOX_RULE, true],
  ['libs/adapter-smtp/sandbox/p14.ts', "export * from '@score-crm/adapter-smtp';", SANDBOX_RULE, true],
  ['libs/adapter-smtp/sandbox/p15.ts', "export * from '@score-crm/adapter-kit';", SANDBOX_RULE, true],
  ['libs/adapter-smtp/sandbox/p21.ts', "export * from '../../adapter-mailgun/sandbox/index.ts';", SANDBOX_RULE, true],
  ['src/auth/p16.ts', "export * from '../../scripts/sandbox/sandboxes.ts';", 'no-sandbox-in-production', false],
  ['src/auth/p17.ts', "export * from '@score-crm/adapter-kit/sandbox';", 'no-sandbox-in-production', true],
  ['src/auth/p18.ts', "export * from '../../libs/adapter-smtp/sandbox/index.ts';", 'no-sandbox-in-production', false],
  ['libs/adapter-smtp/src/p19.ts', "export * from '../sandbox/index.ts';", 'no-sandbox-in-production', false],
];
/** Two files that import each other; either one may be named. */
const CYCLE = [
  ['src/auth/p9.ts', "import { b } from './p10.ts';\nexport const a = (): unknown => b;"],
  ['src/auth/p10.ts', "import { a } from './p9.ts';\nexport const b = (): unknown => a;"],
] as const;
/** Folders that import each other, although no two of their files do. */
const FOLDER_CYCLES = [['src', 'no-folder-cycle-in-the-service']] as const;
const foldersIn = (root: string): [string, string] => [`${root}/p21`, `${root}/p22`];
const FOLDER_CYCLE_FILES = FOLDER_CYCLES.flatMap(([root]) => {
  const [one, other] = foldersIn(root);
  return [
    [`${one}/a.ts`, "export { b } from '../p22/b.ts';"],
    [`${other}/b.ts`, 'export const b = 1;'],
    [`${other}/c.ts`, "export { d } from '../p21/d.ts';"],
    [`${one}/d.ts`, 'export const d = 1;'],
  ] as const;
});
const CARELESS: readonly (readonly [file: string, source: string, rule: string])[] = [
  [
    'src/auth/p11.ts',
    'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}',
    'no-floating-promises',
  ],
  ['src/auth/p20.ts', "export { SCOPES } from './scope.js';", 'import\\(extensions\\)'],
  ['src/auth/p12.ts', 'export const home = process.env["HOME"];', 'no-process-env'],
];

interface Checked {
  readonly status: number | null;
  readonly output: string;
}

/** The output without its colours, and in one form: both differ between a terminal and CI. */
function run(folder: string, script: string, ...options: readonly string[]): Promise<Checked> {
  return new Promise((resolve) => {
    const child = execFile(
      'npm',
      ['run', '--silent', script, '--', ...options],
      { cwd: folder },
      (_error, stdout, stderr) => {
        resolve({ status: child.exitCode, output: stripVTControlCharacters(stdout + stderr) });
      },
    );
  });
}

describe('the walls between the packages', () => {
  const planted = [...FORBIDDEN, ...CYCLE, ...FOLDER_CYCLE_FILES, ...CARELESS].map(([file, source]) => ({
    file,
    source,
  }));
  let imports: Checked;
  let lint: Checked;

  beforeAll(async () => {
    const folder = copySourceTree();
    for (const { file, source } of planted) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${source}\n`);
    }
    [imports, lint] = await Promise.all([run(folder, 'imports'), run(folder, 'lint', '--format=default')]);
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  it('stand: nothing but what is planted crosses them', () => {
    const importing = [...imports.output.matchAll(/^ *error [\w.-]+: (\S+)/gm)].map(([, file]) => file);
    const linted = [...lint.output.matchAll(/\[((?:src|libs|test|scripts)\/[^\]:]+):\d+/g)].map(([, file]) => file);
    const folders = FOLDER_CYCLES.flatMap(([root]) => foldersIn(root));
    const files = new Set<string>([...planted.map(({ file }) => file), ...folders]);
    for (const named of [importing, linted]) {
      expect(named.length).toBeGreaterThan(CARELESS.length);
      expect(named.filter((file = '') => !files.has(file))).toEqual([]);
    }
  });

  it.each(FORBIDDEN)('notice %s: %s', (file, _source, rule, isLinted) => {
    expect(imports.status).not.toBe(0);
    expect(imports.output).toMatch(new RegExp(`${rule}: ${file.replaceAll('.', '\\.')}`));
    if (isLinted) expect(lint.output).toMatch(new RegExp(`no-restricted-imports[^]*?${file}`));
  });

  it('notice two files that import each other', () => {
    expect(imports.output).toMatch(/no-cycle: src\/auth\/p(9|10)\.ts/);
    expect(lint.output).toMatch(/no-cycle[^]*?src\/auth\/p(9|10)\.ts/);
  });

  it.each(FOLDER_CYCLES)('notice two folders in %s that import each other', (root, rule) => {
    for (const folder of foldersIn(root)) expect(imports.output).toContain(`${rule}: ${folder} →`);
  });

  it.each(CARELESS)('notice carelessness in %s', (file, _source, rule) => {
    expect(lint.status).not.toBe(0);
    expect(lint.output).toMatch(new RegExp(`${rule}[^]*?${file}`));
  });
});

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

const SANDBOX_RULE = 'sandbox-depends-on-the-kit-sandbox-alone';

/** What is planted, and the rule that has to notice it, in the linter and in the check of imports. */
const FORBIDDEN = [
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
    'libs/connections/src/p26.ts',
    "export * from '@score-crm/connections-http';",
    'connections-names-no-vendor-and-no-http',
    true,
  ],
  ['libs/connections-http/src/p27.ts', "export * from 'fastify';", 'api-names-no-vendor-and-no-platform', true],
  [
    'libs/connections-http/src/p28.ts',
    "export * from '@score-crm/adapter-smtp';",
    'api-names-no-vendor-and-no-platform',
    true,
  ],
  [
    'libs/connections/src/errors/p23.ts',
    "export * from '../webhooks/webhook.errors.ts';",
    'slices-in-one-direction',
    false,
  ],
  [
    'libs/connections/src/events/p24.ts',
    "export { DataSource } from 'typeorm';",
    'typeorm-only-in-repositories',
    false,
  ],
  ['libs/connections/src/events/p25.ts', "export * from '../entities.ts';", 'slices-in-one-direction', false],
  [
    'libs/connections/src/p5.ts',
    "export * from '../../../src/config/configuration.ts';",
    'nothing-imports-the-service',
    false,
  ],
  ['src/auth/p6.ts', "export * from '@score-crm/adapter-smtp';", 'vendors-only-in-adapters.ts', true],
  ['src/auth/p7.ts', "export { DataSource } from 'typeorm';", 'typeorm-only-in-repositories', false],
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
];
/** Folders that import each other, although no two of their files do. */
const FOLDER_CYCLES = [
  ['src', 'no-folder-cycle-in-the-service'],
  ['libs/connections-http/src', 'no-folder-cycle-in-the-api'],
  ['libs/adapter-kit/src', 'no-folder-cycle-in-the-kit'],
];
const foldersIn = (root) => [`${root}/p21`, `${root}/p22`];
const FOLDER_CYCLE_FILES = FOLDER_CYCLES.flatMap(([root]) => {
  const [one, other] = foldersIn(root);
  return [
    [`${one}/a.ts`, "export { b } from '../p22/b.ts';"],
    [`${other}/b.ts`, 'export const b = 1;'],
    [`${other}/c.ts`, "export { d } from '../p21/d.ts';"],
    [`${one}/d.ts`, 'export const d = 1;'],
  ];
});
const CARELESS = [
  [
    'src/auth/p11.ts',
    'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}',
    'no-floating-promises',
  ],
  ['src/auth/p20.ts', "export { principalOf } from './principal.js';", 'import\\(extensions\\)'],
  ['src/auth/p12.ts', 'export const home = process.env["HOME"];', 'no-process-env'],
];

/** The output without its colours, and in one form: both differ between a terminal and CI. */
function run(folder, script, ...options) {
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
  let imports;
  let lint;

  before(async () => {
    const folder = copySourceTree();
    for (const { file, source } of planted) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${source}\n`);
    }
    [imports, lint] = await Promise.all([run(folder, 'imports'), run(folder, 'lint', '--format=default')]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('stand: nothing but what is planted crosses them', () => {
    const importing = [...imports.output.matchAll(/^ *error [\w.-]+: (\S+)/gm)].map(([, file]) => file);
    const linted = [...lint.output.matchAll(/\[((?:src|libs|test|scripts)\/[^\]:]+):\d+/g)].map(([, file]) => file);
    const folders = FOLDER_CYCLES.flatMap(([root]) => foldersIn(root));
    const files = new Set([...planted.map(({ file }) => file), ...folders]);
    for (const named of [importing, linted]) {
      assert.ok(named.length > CARELESS.length);
      assert.deepEqual(
        named.filter((file) => !files.has(file)),
        [],
      );
    }
  });

  for (const [file, source, rule, isLinted] of FORBIDDEN) {
    it(`notice ${file}: ${source}`, () => {
      assert.notEqual(imports.status, 0);
      assert.match(imports.output, new RegExp(`${rule}: ${file.replaceAll('.', '\\.')}`));
      if (isLinted) assert.match(lint.output, new RegExp(`no-restricted-imports[^]*?${file}`));
    });
  }

  it('notice two files that import each other', () => {
    assert.match(imports.output, /no-cycle: src\/auth\/p(9|10)\.ts/);
    assert.match(lint.output, /no-cycle[^]*?src\/auth\/p(9|10)\.ts/);
  });

  for (const [root, rule] of FOLDER_CYCLES) {
    it(`notice two folders in ${root} that import each other`, () => {
      for (const folder of foldersIn(root)) assert.ok(imports.output.includes(`${rule}: ${folder} →`));
    });
  }

  for (const [file, , rule] of CARELESS) {
    it(`notice carelessness in ${file}`, () => {
      assert.notEqual(lint.status, 0);
      assert.match(lint.output, new RegExp(`${rule}[^]*?${file}`));
    });
  }
});

/** A copy of the sources in which files can be planted. It shares the installed packages. */
function copySourceTree() {
  const folder = mkdtempSync(join(tmpdir(), 'score-architecture-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  for (const path of files.split('\n')) {
    if (path !== '' && existsSync(path)) cpSync(path, join(folder, path));
  }
  mkdirSync(join(folder, 'node_modules/@score-crm'), { recursive: true });
  for (const entry of readdirSync('node_modules')) {
    if (entry !== '@score-crm') symlinkSync(resolve('node_modules', entry), join(folder, 'node_modules', entry));
  }
  for (const lib of readdirSync('libs')) {
    symlinkSync(join(folder, 'libs', lib), join(folder, 'node_modules/@score-crm', lib));
    const own = resolve('libs', lib, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, 'libs', lib, 'node_modules'));
  }
  return folder;
}

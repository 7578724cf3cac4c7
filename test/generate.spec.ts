import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const GENERATED = [
  'libs/sandbox/src/vendors.ts',
  'tsconfig.json',
  'libs/sandbox/tsconfig.json',
  'libs/sandbox/package.json',
];

describe('what follows from src/adapters.ts', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'score-generate-'));
    for (const path of ['package.json', '.prettierrc.json', 'scripts', 'src/adapters.ts', ...GENERATED]) {
      cpSync(path, join(folder, path), { recursive: true });
    }
    for (const lib of readdirSync('libs')) cpSync(`libs/${lib}/package.json`, join(folder, `libs/${lib}/package.json`));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function generate(...args: string[]): { status: number | null; stderr: string } {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-vendors.js', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stderr };
  }

  function contents(): string[] {
    return GENERATED.map((path) => readFileSync(join(folder, path), 'utf8'));
  }

  function addAdapter(name: string, exports: object): void {
    mkdirSync(join(folder, `libs/adapter-${name}`));
    const description = { name: `@score-crm/adapter-${name}`, version: '3.2.1', exports };
    writeFileSync(join(folder, `libs/adapter-${name}/package.json`), JSON.stringify(description));
    appendFileSync(join(folder, 'src/adapters.ts'), `export { Adapter } from '@score-crm/adapter-${name}';\n`);
  }

  it('is up to date', () => {
    expect(generate('--check')).toEqual({ status: 0, stderr: '' });
  });

  it('changes with one line, and the check names each file that is stale and what to do', () => {
    const before = contents();
    addAdapter('amazon-ses', { './sandbox': './dist/sandbox/index.js' });
    const { status, stderr } = generate('--check');
    expect(status).toBe(1);
    for (const path of GENERATED)
      expect(stderr).toContain(`${path} is out of date with src/adapters.ts. Run: npm run generate\n`);
    expect(contents()).toEqual(before);

    expect(generate()).toEqual({ status: 0, stderr: '' });
    expect(generate('--check').status).toBe(0);
    const [vendors, root, references, description] = contents();
    expect(vendors).toContain("import { startSandbox as amazonSes } from '@score-crm/adapter-amazon-ses/sandbox';");
    expect(vendors).toMatch(/= \[amazonSes, .*\];/);
    expect(root).toContain('{ "path": "libs/adapter-amazon-ses" }');
    expect(references).toContain('{ "path": "../adapter-amazon-ses" }');
    expect(description).toContain('"@score-crm/adapter-amazon-ses": "^3.2.1"');

    cpSync('src/adapters.ts', join(folder, 'src/adapters.ts'));
    generate();
    expect(contents()).toEqual(before);
  });

  it('is no sandbox where the adapter has none, and nothing where it comes from elsewhere', () => {
    addAdapter('plain', { '.': './dist/index.js' });
    appendFileSync(join(folder, 'src/adapters.ts'), "export { ElseAdapter } from '@elsewhere/adapter';\n");
    generate();
    const [vendors, root, ...others] = contents();
    expect(root).toContain('{ "path": "libs/adapter-plain" }');
    expect([vendors, ...others].join('\n')).not.toContain('plain');
    expect([vendors, root, ...others].join('\n')).not.toContain('elsewhere');
  });
});

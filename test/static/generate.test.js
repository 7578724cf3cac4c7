import assert from 'node:assert/strict';
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
import { afterEach, beforeEach, describe, it } from 'node:test';

describe('what follows from src/adapters.ts', () => {
  let folder;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'score-generate-'));
    for (const path of [
      'package.json',
      '.prettierrc.json',
      'scripts',
      'src/adapters.ts',
      'tsconfig.json',
      'nest-cli.json',
    ]) {
      cpSync(path, join(folder, path), { recursive: true });
    }
    for (const lib of readdirSync('libs')) cpSync(`libs/${lib}/package.json`, join(folder, `libs/${lib}/package.json`));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function generate(...args) {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-vendors.js', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stderr };
  }

  function references() {
    return readFileSync(join(folder, 'tsconfig.json'), 'utf8');
  }

  function addAdapter(name) {
    mkdirSync(join(folder, `libs/adapter-${name}`));
    writeFileSync(join(folder, `libs/adapter-${name}/package.json`), `{ "name": "@score-crm/adapter-${name}" }`);
    appendFileSync(join(folder, 'src/adapters.ts'), `export { Adapter } from '@score-crm/adapter-${name}';\n`);
  }

  it('changes with one line, and the check names the stale file and what to do', () => {
    const before = references();
    addAdapter('amazon-ses');
    const stderr = ['tsconfig.json', 'nest-cli.json'].map(
      (file) => `${file} is out of date with src/adapters.ts. Run: npm run generate\n`,
    );
    assert.deepEqual(generate('--check'), { status: 1, stderr: stderr.join('') });
    assert.equal(references(), before);

    assert.deepEqual(generate(), { status: 0, stderr: '' });
    assert.equal(generate('--check').status, 0);
    assert.ok(references().includes('{ "path": "libs/adapter-amazon-ses" }'));
    const { projects } = JSON.parse(readFileSync(join(folder, 'nest-cli.json'), 'utf8'));
    assert.equal(projects['adapter-amazon-ses'].sourceRoot, 'libs/adapter-amazon-ses/src');

    cpSync('src/adapters.ts', join(folder, 'src/adapters.ts'));
    generate();
    assert.equal(references(), before);
  });

  it('is nothing for an adapter from elsewhere', () => {
    const before = references();
    appendFileSync(join(folder, 'src/adapters.ts'), "export { ElseAdapter } from '@elsewhere/adapter';\n");
    assert.deepEqual(generate(), { status: 0, stderr: '' });
    assert.equal(references(), before);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copySourceTree } from '../support/source-tree.ts';

const LIBS = [
  'adapter-kit',
  'adapter-mailgun',
  'adapter-sendgrid',
  'adapter-smtp',
  'adapter-smtpcom',
  'adapter-sparkpost',
];
const BUILD_MS = 300_000;

describe('a fresh clone', () => {
  let folder: string;

  beforeAll(() => {
    folder = copySourceTree();
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function start(command: string, ...args: readonly string[]): ChildProcess {
    // A group of its own, so that all it starts can be ended together. Jest's options are not for it.
    return spawn(command, args, { cwd: folder, detached: true, env: { ...process.env, NODE_OPTIONS: '' } });
  }

  async function run(command: string, ...args: readonly string[]): Promise<{ code: unknown; output: string }> {
    const child = start(command, ...args);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
    const [code] = (await once(child, 'close')) as unknown[];
    return { code, output };
  }

  const nest = (...args: readonly string[]) => run('npx', 'nest', ...args);

  it('explains how to build the command line', async () => {
    expect(await run('npm', 'run', '--silent', 'cli', '--', 'api-keys', 'list')).toEqual({
      code: 1,
      output: 'The command line is not built yet. Run: npm run build\n',
    });
  });

  it('reports that npm start builds before it starts', async () => {
    const child = start('npm', 'start', '--silent');
    if (child.stdout === null || child.pid === undefined) throw new Error('npm could not be started.');
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(first)).toBe('Building the service, 1 of 2 ...\n');
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'close');
  });

  it(
    'builds one library with the Nest CLI after its dependencies, and a service generated in it',
    async () => {
      expect(await nest('build', 'adapter-kit')).toEqual({ code: 0, output: '' });
      expect(await nest('build', 'connections')).toEqual({ code: 0, output: '' });
      expect(existsSync(join(folder, 'libs/connections/dist/index.js'))).toBe(true);

      expect(await nest('generate', 'service', 'foo', '-p', 'connections')).toMatchObject({ code: 0 });
      const module = readFileSync(join(folder, 'libs/connections/src/connections.module.ts'), 'utf8');
      expect(module).toContain("import { FooService } from './foo/foo.service.js';");
      expect(module).toMatch(/providers: \[FooService\]/);
      expect(existsSync(join(folder, 'libs/connections/src/foo/foo.service.spec.ts'))).toBe(false);
      expect(await run('npx', 'tsc', '-b', 'libs/connections')).toEqual({ code: 0, output: '' });
      expect(existsSync(join(folder, 'libs/connections/dist/foo/foo.service.js'))).toBe(true);
    },
    BUILD_MS,
  );

  it(
    'builds every project with the Nest CLI, in the order of nest-cli.json',
    async () => {
      for (const path of ['dist', ...LIBS.map((lib) => `libs/${lib}/dist`), 'libs/connections/dist']) {
        rmSync(join(folder, path), { recursive: true, force: true });
      }
      expect(await nest('build', '--all')).toEqual({ code: 0, output: '' });
      for (const path of [
        ...LIBS.map((lib) => `libs/${lib}/dist/index.js`),
        'libs/sandbox/dist/index.js',
        'dist/main.js',
      ]) {
        expect([path, existsSync(join(folder, path))]).toEqual([path, true]);
      }
    },
    BUILD_MS,
  );
});

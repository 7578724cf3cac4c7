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
  'connections',
  'connections-http',
];
const BUILT = ['dist/main.js', ...LIBS.map((lib) => `libs/${lib}/dist/index.js`)];
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

  const nest = (...args: readonly string[]) => run('node_modules/.bin/nest', ...args);

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
    'builds with the Nest CLI: every project, one library after its dependencies, and a generated service',
    async () => {
      expect(await nest('generate', 'service', 'foo', '-p', 'connections')).toMatchObject({ code: 0 });
      const module = readFileSync(join(folder, 'libs/connections/src/connections.module.ts'), 'utf8');
      expect(module).toContain("import { FooService } from './foo/foo.service.js';");
      expect(module).toMatch(/providers: \[FooService\]/);
      expect(existsSync(join(folder, 'libs/connections/src/foo/foo.service.spec.ts'))).toBe(false);

      const connections = join(folder, 'libs/connections/dist');
      expect(await nest('build', '--all')).toEqual({ code: 0, output: '' });
      expect(BUILT.filter((path) => !existsSync(join(folder, path)))).toEqual([]);

      rmSync(connections, { recursive: true });
      expect(await nest('build', 'connections')).toEqual({ code: 0, output: '' });
      expect(existsSync(join(connections, 'foo/foo.service.js'))).toBe(true);

      rmSync(connections, { recursive: true });
      expect(await run('node_modules/@typescript/native/bin/tsc', '-b', 'libs/connections')).toEqual({
        code: 0,
        output: '',
      });
      expect(existsSync(join(connections, 'foo/foo.service.js'))).toBe(true);
    },
    BUILD_MS,
  );
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TestProcess } from '../support/process.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

const PACKED = ['adapter-kit', 'adapter-smtp', 'connections'];
/** What an application installs beside these packages and their dependencies. */
const OWN_DEPENDENCIES = ['@nestjs/platform-fastify', '@nestjs/typeorm', '@types/node', 'better-sqlite3'];
const SOURCE = 'test/support/embedding-application/main.ts';
const ENTRIES = ['adapter-kit', 'adapter-kit/sandbox', 'adapter-kit/testing', 'adapter-smtp', 'connections/testing'];
const STRICT = {
  target: 'es2023',
  lib: ['es2023'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  outDir: 'dist',
};

jest.setTimeout(300_000);

/** The application with the packages as npm would install them: packed, and with nothing but what they declare. */
describe('another Nest application, built from the packed packages', () => {
  let folder: string;
  let mailServer: TestSmtpServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'score-embedding-test-'));
    mailServer = await TestSmtpServer.start();
    const declared = new Set(OWN_DEPENDENCIES);
    const workspaces = PACKED.map((name) => `--workspace=libs/${name}`);
    const packed = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], { encoding: 'utf8' }),
    ) as { name: string; filename: string }[];
    expect(packed.map(({ name }) => name)).toEqual(PACKED.map((name) => `@score-crm/${name}`));
    for (const { name, filename } of packed) {
      const target = join(folder, 'node_modules', name);
      mkdirSync(target, { recursive: true });
      execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1']);
      const { dependencies, peerDependencies } = JSON.parse(
        readFileSync(join(target, 'package.json'), 'utf8'),
      ) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;
      for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) declared.add(dependency);
    }
    for (const dependency of declared) {
      if (dependency.startsWith('@score-crm/')) continue;
      const link = join(folder, 'node_modules', dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(resolve('node_modules', dependency), link);
    }
  });
  afterEach(() => TestProcess.endAll());
  afterAll(async () => {
    await mailServer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['an ES module', 'module', '@typescript/native/bin/tsc', { module: 'nodenext' }],
    // Nest applications of earlier versions have node10, which TypeScript 6 reports as deprecated and 7 no longer supports.
    [
      'CommonJS',
      'commonjs',
      'typescript/bin/tsc',
      { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
    ],
  ])(
    'compiled to %s creates a connection, tests it, sends and returns problem details',
    async (_what, type, compiler, options) => {
      const application = join(folder, type);
      mkdirSync(application);
      const write = (name: string, value: unknown): void =>
        writeFileSync(join(application, name), JSON.stringify(value));
      write('package.json', { name: 'crm', private: true, type });
      write('tsconfig.json', { compilerOptions: { ...STRICT, ...options }, files: ['main.ts', 'entries.ts'] });
      copyFileSync(SOURCE, join(application, 'main.ts'));
      // The types of every entry point, too.
      const exports = ENTRIES.map((entry, index) => `export * as e${String(index)} from '@score-crm/${entry}';\n`);
      writeFileSync(join(application, 'entries.ts'), exports.join(''));
      compile(compiler, application);
      expect(readFileSync(join(application, 'dist/main.js'), 'utf8')).toMatch(
        type === 'module' ? /^import .*'@score-crm\/connections'/m : /require\("@score-crm\/connections"\)/,
      );

      const crm = new TestProcess(join(application, 'dist/main.js'), [], {
        DATABASE: join(application, 'crm.sqlite'),
        ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      });
      const [, url = ''] = await crm.says(/listening on (\S+)/);
      const call = async (method: string, path: string, body?: unknown): Promise<any> => {
        const response = await fetch(`${url}/accounts${path}`, {
          method,
          ...(body === undefined
            ? {}
            : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        });
        return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
      };

      const { port, username, password } = mailServer;
      const settings = { host: '127.0.0.1', port, secure: false, username, password };
      const created = await call('POST', '', {
        name: 'Relay',
        vendor: 'smtp',
        fromEmail: 'crm@sender.example',
        settings,
      });
      expect(created).toMatchObject({ status: 201, body: { name: 'Relay', secrets: { password: { set: true } } } });
      const path = `/${String(created.body.id)}`;
      expect((await call('GET', '')).body).toEqual([created.body]);
      expect(await call('POST', `${path}/test`)).toMatchObject({ status: 201, body: { diagnosis: { ok: true } } });
      const before = mailServer.messages.length;
      expect(await call('POST', `${path}/messages`)).toMatchObject({
        status: 201,
        body: { accepted: ['ada@recipient.example'] },
      });
      expect(mailServer.messages.length).toBe(before + 1);

      const missing = await call('GET', '/0199f0d2-0000-7000-8000-000000000000');
      expect(missing).toEqual({
        status: 404,
        type: expect.stringContaining('application/problem+json'),
        body: {
          type: 'about:blank',
          title: 'Not Found',
          status: 404,
          code: 'not_found',
          detail: 'Connection not found. Check the ID.',
          requestId: expect.any(String),
        },
      });
      const invalid = await call('POST', '', { vendor: 'smtp', settings: { ...settings, port: 0 } });
      expect(invalid).toMatchObject({
        status: 422,
        type: expect.stringContaining('application/problem+json'),
        body: { title: 'Unprocessable Content', code: 'invalid_input' },
      });
      expect(invalid.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
        '/name',
        '/settings/port',
      ]);
      // Errors of the application itself are left to Nest.
      expect(await call('GET', '/broken')).toMatchObject({
        status: 500,
        type: expect.stringContaining('application/json'),
        body: { statusCode: 500, message: 'Internal server error' },
      });

      crm.kill('SIGTERM');
      await crm.exited;
      expect(crm.stdout + crm.stderr).not.toContain(password);
    },
  );
});

function compile(compiler: string, application: string): void {
  try {
    execFileSync(process.execPath, [resolve('node_modules', compiler), '-p', application], {
      encoding: 'utf8',
    });
  } catch (error) {
    throw new Error(`It does not compile:\n${String((error as { stdout?: unknown }).stdout)}`, { cause: error });
  }
}

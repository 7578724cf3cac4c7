import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { vendorBody, WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { TestProcess } from '../support/process.ts';
import { vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

const PACKED = ['adapter-kit', 'adapter-sendgrid', 'adapter-smtp', 'connections', 'connections-http'];
/** What an application installs beside these packages and their dependencies. */
const OWN_DEPENDENCIES = [
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/testing',
  '@nestjs/typeorm',
  '@types/node',
  'better-sqlite3',
];
const LONG = process.env['TEST_LONG'] === '1';
const SOURCES = 'test/support/embedding-application';
const ENTRIES = ['adapter-kit', 'adapter-kit/sandbox', 'adapter-kit/testing', 'adapter-sendgrid', 'adapter-smtp'];
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
  rewriteRelativeImportExtensions: true,
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
    'compiled to %s serves its own controllers, the API, webhooks and a health check on Fastify and Express',
    async (_what, type, compiler, options) => {
      const application = join(folder, type);
      mkdirSync(application);
      const write = (name: string, value: unknown): void =>
        writeFileSync(join(application, name), JSON.stringify(value));
      write('package.json', { name: 'crm', private: true, type });
      write('tsconfig.json', {
        compilerOptions: { ...STRICT, ...options },
        files: ['main.ts', 'application.test.ts', 'entries.ts'],
      });
      for (const name of readdirSync(SOURCES)) copyFileSync(join(SOURCES, name), join(application, name));
      // The types of every entry point, too.
      const exports = ENTRIES.map((entry, index) => `export * as e${String(index)} from '@score-crm/${entry}';\n`);
      writeFileSync(join(application, 'entries.ts'), exports.join(''));
      compile(compiler, application);
      expect(readFileSync(join(application, 'dist/main.js'), 'utf8')).toMatch(
        type === 'module' ? /^import .*'@score-crm\/connections'/m : /require\("@score-crm\/connections"\)/,
      );
      await Promise.all([runTests(join(application, 'dist/application.test.js')), exerciseAll(application)]);
    },
  );

  async function exerciseAll(application: string): Promise<void> {
    // In the quick run, the ES module runs on Fastify, and CommonJS on Express.
    const own = application.endsWith('commonjs') ? 'express' : 'fastify';
    for (const platform of LONG ? ['fastify', 'express'] : [own]) await exercise(application, platform);
  }

  /** The application on a platform: its own controllers, the API, the webhook route and the health check. */
  async function exercise(application: string, platform: string): Promise<void> {
    const crm = new TestProcess(join(application, 'dist/main.js'), [], {
      DATABASE: join(application, `${platform}.sqlite`),
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      PLATFORM: platform,
    });
    const [, url = ''] = await crm.says(/listening on (\S+)/);
    await callControllers(new Client(`${url}/accounts`));
    await callApi(new Client(`${url}/email`, { authorization: 'Bearer token-of-ada' }), new Client(`${url}/email`));
    expect(await new Client(url).call('GET', '/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', info: { connections: { status: 'up', database: 'up', unreadableConnections: 0 } } },
    });
    crm.kill('SIGTERM');
    await crm.exited;
    expect(crm.stdout + crm.stderr).not.toContain(mailServer.password);
  }

  async function callControllers(accounts: Client): Promise<void> {
    const { port, username, password } = mailServer;
    const settings = { host: '127.0.0.1', port, secure: false, username, password };
    const created = await accounts.call('POST', '', {
      name: 'Relay',
      vendor: 'smtp',
      fromEmail: 'crm@sender.example',
      settings,
    });
    expect(created).toMatchObject({ status: 201, body: { name: 'Relay', secrets: { password: { set: true } } } });
    const path = `/${String(created.body.id)}`;
    expect((await accounts.call('GET', '')).body).toEqual([created.body]);
    expect(await accounts.call('POST', `${path}/test`)).toMatchObject({
      status: 201,
      body: { diagnosis: { ok: true } },
    });
    const before = mailServer.messages.length;
    expect(await accounts.call('POST', `${path}/messages`)).toMatchObject({
      status: 201,
      body: { accepted: ['ada@recipient.example'] },
    });
    expect(mailServer.messages.length).toBe(before + 1);

    const missing = await accounts.call('GET', '/0199f0d2-0000-7000-8000-000000000000');
    expect(missing).toMatchObject({
      status: 404,
      type: expect.stringContaining('application/problem+json'),
      body: {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'not_found',
        detail: 'Connection not found. Check the ID.',
      },
    });
    const invalid = await accounts.call('POST', '', { vendor: 'smtp', settings: { ...settings, port: 0 } });
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
    expect(await accounts.call('GET', '/broken')).toMatchObject({
      status: 500,
      type: expect.stringContaining('application/json'),
      body: { statusCode: 500, message: 'Internal server error' },
    });
  }

  async function callApi(api: Client, stranger: Client): Promise<void> {
    expect(await stranger.call('GET', '/connections')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    const { port, username, password } = mailServer;
    const relay = await api.call('POST', '/connections', {
      name: 'API relay',
      vendor: 'smtp',
      fromEmail: 'crm@sender.example',
      settings: { host: '127.0.0.1', port, secure: false, username, password },
    });
    const before = mailServer.messages.length;
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello Ada' };
    expect(await api.call('POST', `/connections/${String(relay.body.id)}/messages`, message)).toMatchObject({
      status: 202,
      body: { accepted: ['ada@recipient.example'] },
    });
    expect(mailServer.messages.length).toBe(before + 1);

    const signer = new WebhookSigner();
    const { body: connection } = await api.call('POST', '/connections', {
      name: 'Campaigns',
      vendor: 'sendgrid',
      settings: { apiKey: `SG.${randomBytes(24).toString('base64url')}`, webhookSigningKey: signer.publicKey },
    });
    const webhook = `/webhooks/v2/sendgrid/${String(connection.id)}`;
    const body = vendorBody([vendorEvent('delivered', { timestamp: Math.floor(Date.now() / 1_000) })]).toString();
    const headers = signer.headersFor(Buffer.from(body));
    expect(await stranger.post(webhook, body.replace('ada@', 'eve@'), headers)).toMatchObject({
      status: 401,
      body: { code: 'invalid_signature' },
    });
    expect(await stranger.post(webhook, body, headers)).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect((await api.call('GET', `/connections/${String(connection.id)}/events`)).body.data).toMatchObject([
      { kind: 'delivered', recipient: 'ada@recipient.example' },
    ]);
  }
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: any;
}

class Client {
  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.send(method, path, {}, body === undefined ? undefined : JSON.stringify(body));
  }

  post(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', path, headers, body);
  }

  private async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
  ): Promise<Answer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, {
      method,
      headers: { ...this.headers, ...json, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  }
}

async function runTests(file: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, ['--test', file], { env: { PATH: process.env['PATH'] } });
  } catch (error) {
    throw new Error(`Its tests fail:\n${String((error as { stdout?: unknown }).stdout)}`, { cause: error });
  }
}

function compile(compiler: string, application: string): void {
  try {
    execFileSync(process.execPath, [resolve('node_modules', compiler), '-p', application], {
      encoding: 'utf8',
    });
  } catch (error) {
    throw new Error(`It does not compile:\n${String((error as { stdout?: unknown }).stdout)}`, { cause: error });
  }
}

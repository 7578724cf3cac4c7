import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { v7 as uuid } from 'uuid';
import { ApiKeysService } from '../../src/auth/api-keys.service.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { checkContract, checkedFetch } from '../support/contract.ts';
import { createDatabase } from '../support/databases.ts';
import { SendgridWebhook } from '../support/sendgrid-webhook.ts';
import { type CallOptions, TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly statuses: readonly string[];
  readonly security?: object;
}

interface OpenApi {
  readonly paths: Record<string, Record<string, { operationId: string; responses: object; security?: object }>>;
}

const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi;
const OPERATIONS: readonly Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, responses, security }]) => ({
    operationId,
    method: method.toUpperCase(),
    path,
    statuses: Object.keys(responses),
    ...(security === undefined ? {} : { security }),
  })),
);

/** The operations that declare a status, without the named ones. */
function declaring(status: number, ...without: readonly string[]): Operation[] {
  return OPERATIONS.filter(
    ({ operationId, statuses }) => statuses.includes(String(status)) && !without.includes(operationId),
  );
}

/** Bodies that are valid. */
const BODIES: Readonly<Record<string, object>> = {
  createConnection: smtpConnection('open sesame'),
  updateConnection: { fromName: 'News' },
  testUnsavedConnection: smtpConnection('open sesame'),
  reprocessDeliveries: { ids: ['1'] },
  eraseRecipient: { recipient: 'ada@recipient.example' },
  claimConnection: { name: 'Spring sale', status: 'draft' },
  moveUsages: { to: '0199f0d2-0000-7000-8000-000000000000' },
  checkLaunch: {},
  seekConsumer: { to: 'end' },
  sendMessageBatch: { messages: [{ to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' }] },
  sendMessage: { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' },
  createApiKey: { name: 'Key', scope: 'read' },
  createWebhookEndpoint: { url: 'http://127.0.0.1:9/' },
  updateWebhookEndpoint: { description: 'Warehouse' },
  replayWebhookMessages: { from: '2026-01-31T08:00:00Z' },
  addSuppression: { address: 'ada@recipient.example' },
  checkSuppressions: { addresses: ['ada@recipient.example'] },
  receiveWebhook: [],
};

/** Every operation returns the errors that follow from its method, its parameters, its body and its security. */
describe('the errors that docs/openapi.json declares', () => {
  let service: TestService;
  let connectionId: string;
  let endpointId: string;
  let webhook: SendgridWebhook;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'), { operatorOrganization: 'default' });
    const created = await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
    connectionId = String(created.body.id);
    const endpoint = await service.call('POST', '/api/v1/webhook-endpoints', { body: BODIES['createWebhookEndpoint'] });
    endpointId = String(endpoint.body.id);
    webhook = await SendgridWebhook.create(service);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  function pathOf({ path }: Operation, replaced: Readonly<Record<string, string>> = {}): string {
    const own = path.startsWith('/webhooks')
      ? { vendor: 'sendgrid', connectionId: webhook.id }
      : {
          vendor: 'smtp',
          id: path.includes('/webhook-endpoints/') ? endpointId : connectionId,
          eventId: '1',
          consumer: 'campaign',
          ref: '42',
        };
    const values: Readonly<Record<string, string>> = { ...own, ...replaced };
    return path.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => values[name] ?? name);
  }

  function call(operation: Operation, options: CallOptions = {}, path = pathOf(operation), by = service) {
    const body = BODIES[operation.operationId];
    return by.call(operation.method, path, { ...(body === undefined ? {} : { body }), ...options });
  }

  /** Sends the head of a request alone, which announces a body. */
  async function announce(operation: Operation, headers: Readonly<Record<string, string>>): Promise<number> {
    const path = pathOf(operation);
    const authorization = `Bearer ${service.key}`;
    const options = { method: operation.method, headers: { authorization, ...headers }, agent: false };
    const sent = request(service.url + path, options);
    sent.on('error', () => undefined);
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const status = Number(response.statusCode);
    const contentType = response.headers['content-type'] ?? null;
    checkContract({ method: operation.method, path, status, contentType, text: await text(response) });
    sent.destroy();
    return status;
  }

  it.each(declaring(400, 'receiveWebhook'))('$operationId returns 400', async (operation) => {
    const { method, path } = operation;
    if (path.includes('{')) {
      const malformed = Object.fromEntries(['id', 'vendor', 'eventId', 'name', 'address'].map((name) => [name, '%zz']));
      expect((await call(operation, {}, pathOf(operation, malformed))).status).toBe(400);
    } else if (method === 'GET') {
      expect((await call(operation, {}, `${pathOf(operation)}?limit=none`)).status).toBe(400);
    } else {
      expect((await call(operation, { body: '{' })).status).toBe(400);
    }
  });

  it('receiveWebhook returns 400', async () => {
    expect((await webhook.postSigned('{')).status).toBe(400);
  });

  // createSession and receiveWebhook have no token in a header.
  it.each(declaring(401).filter(({ security }) => security !== undefined))(
    '$operationId returns 401',
    async (operation) => {
      expect((await call(operation, { token: null })).status).toBe(401);
    },
  );

  it.each(declaring(403))('$operationId returns 403', async (operation) => {
    if (operation.operationId === 'createSession') {
      const options = { headers: { origin: 'https://other.example' }, body: { token: service.key } };
      expect((await call(operation, options)).status).toBe(403);
      return;
    }
    // The session of a browser in which a page of another site sends the request.
    const opened = await checkedFetch(`${service.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: service.key }),
    });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    service.watch(cookie.split('=')[1] ?? '');
    const token = await service.tokenFor('default', 'read');
    const options =
      operation.method === 'GET' ? { token } : { token: null, headers: { cookie, origin: 'https://other.example' } };
    expect((await call(operation, options)).status).toBe(403);
  });

  it.each(declaring(404))('$operationId returns 404', async (operation) => {
    const missing = uuid();
    const replaced = operation.path.includes('{id}') ? { id: missing } : { vendor: 'none', connectionId: missing };
    const options =
      operation.operationId === 'testUnsavedConnection' ? { body: { connectionId: missing, settings: {} } } : {};
    expect((await call(operation, options, pathOf(operation, replaced))).status).toBe(404);
  });

  it.each(declaring(412))('$operationId returns 412', async (operation) => {
    expect((await call(operation, { headers: { 'if-match': '"77"' } })).status).toBe(412);
  });

  it.each(declaring(413))('$operationId returns 413', async (operation) => {
    const headers =
      operation.operationId === 'receiveWebhook' ? webhook.signer.headersFor(Buffer.from('[]')) : undefined;
    const type = operation.operationId === 'importSuppressions' ? 'text/csv' : 'application/json';
    const announced = { 'content-type': type, 'content-length': String(1 << 30), ...headers };
    expect(await announce(operation, announced)).toBe(413);
  });

  it.each(declaring(414))('$operationId returns 414', async (operation) => {
    const long = 'x'.repeat(400);
    const replaced = Object.fromEntries(
      ['id', 'vendor', 'connectionId', 'eventId', 'messageId', 'name', 'address'].map((name) => [name, long]),
    );
    expect((await call(operation, {}, pathOf(operation, replaced))).status).toBe(414);
  });

  it.each(declaring(415))('$operationId returns 415', async (operation) => {
    const headers =
      operation.operationId === 'receiveWebhook' ? { 'content-encoding': 'gzip' } : { 'content-type': 'text/plain' };
    expect((await call(operation, { headers, body: 'text' })).status).toBe(415);
  });

  it.each(declaring(422))('$operationId returns 422', async (operation) => {
    const isRelease = operation.operationId === 'releaseConnection';
    const hasBody = operation.method !== 'GET' && BODIES[operation.operationId] !== undefined;
    const isTest = operation.operationId === 'testConnection';
    const body = isTest ? { to: 5 } : hasBody ? [] : operation.operationId === 'createSession' ? {} : undefined;
    const path = pathOf(operation, isRelease ? { consumer: 'nobody' } : {});
    expect((await call(operation, body === undefined ? {} : { body }, path)).status).toBe(422);
  });

  it.each(declaring(503, 'getReadiness'))('$operationId returns 503 during the start', async (operation) => {
    const lifecycle = service.app.get(Lifecycle);
    Reflect.set(lifecycle, 'current', 'starting');
    try {
      const { status, body } = await call(operation);
      expect([status, body.code]).toEqual([503, 'starting']);
    } finally {
      Reflect.set(lifecycle, 'current', 'serving');
    }
  });

  describe('of a service that allows one request in 10 seconds', () => {
    let limited: TestService;

    beforeAll(async () => {
      const rateLimits = { requests: 1, connectionTests: 0, signInFailures: 0 };
      limited = await TestService.start(await createDatabase('SQLite'), { rateLimits });
    });

    afterAll(async () => {
      await limited.stop();
      await limited.database.drop();
    });

    // Of receiveWebhook it is about bodies that hang: hanging-bodies.spec.ts. A stream that is accepted does not end.
    it.each(declaring(429, 'receiveWebhook', 'streamFeed'))('$operationId returns 429', async (operation) => {
      const token = await limited.tokenFor('acme');
      const options = operation.operationId === 'createSession' ? { token: null, body: { token } } : { token };
      const statuses: number[] = [];
      // More than two are sent only if a window ends between them.
      while (statuses.length < 20 && statuses.at(-1) !== 429) {
        statuses.push((await call(operation, options, pathOf(operation), limited)).status);
      }
      expect(statuses.at(-1)).toBe(429);
    });
  });

  describe('of a service whose database lacks a table', () => {
    let broken: TestService;

    beforeAll(async () => {
      broken = await TestService.start(await createDatabase('SQLite'));
      const database = new Database(broken.database.url.replace('sqlite:', ''));
      database.exec('ALTER TABLE api_keys RENAME TO lost_api_keys; ALTER TABLE connections RENAME TO lost_connections');
      database.close();
    });

    afterAll(async () => {
      await broken.stop();
      await broken.database.drop();
    });

    it.each(declaring(500))('$operationId returns 500', async (operation) => {
      const { body, status } = await call(
        operation,
        operation.operationId === 'createSession' ? { token: null, body: { token: broken.key } } : {},
        pathOf(operation),
        broken,
      );
      expect([status, body.code]).toEqual([500, 'internal_error']);
    });
  });

  it('describes errors of paths and methods that do not exist as problem details', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['HEAD', '/api/v1/nothing'],
      ['OPTIONS', '/api/v1/connections'],
      ['POST', '/health/live'],
      ['PUT', '/api/v1/vendors'],
      ['GET', '/webhooks/v3'],
    ] as const) {
      const answer = await service.call(method, path);
      expect([method, path, [404, 405].includes(answer.status)]).toEqual([method, path, true]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    const { key } = await service.app
      .get(ApiKeysService)
      .create({ organization: 'default', actor: 'test' }, { name: 'K', scope: 'read' });
    service.watch(key);
    const head = await service.call('HEAD', '/api/v1/vendors', { token: key });
    expect([head.status, head.body]).toEqual([200, '']);
  });
});

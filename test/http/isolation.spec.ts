import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Scope } from '@score-crm/connections-http';
import { v7 as uuid } from 'uuid';
import { ApiKeysService } from '../../src/auth/api-keys.service.ts';
import { checkedFetch } from '../support/contract.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { HELLO } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Undefined: the route is open. */
  readonly scope: Scope | undefined;
}

interface OpenApi {
  readonly paths: Record<string, Record<string, { security?: { bearer: Scope[] }[] }>>;
}

const SCOPES: readonly Scope[] = ['read', 'send', 'manage'];
const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi;
const OPERATIONS: readonly Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    scope: operation.security?.[0]?.bearer[0],
  })),
);
const GUARDED = OPERATIONS.filter((operation) => operation.scope !== undefined);
/** A stream does not end; feed.spec.ts checks whose events it has. */
const ENDING = GUARDED.filter(({ path }) => !path.endsWith('/stream'));
const WITH_ID = GUARDED.filter((operation) => operation.path.includes('{id}'));

describe.each(ANY_DATABASE)('every route of the OpenAPI file on %s', (kind) => {
  let service: TestService;
  let victim: { connection: any; apiKey: any; endpoint: any };
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
    for (const organization of ['acme', 'ACME']) {
      for (const scope of SCOPES) tokens.set(`${organization} ${scope}`, await service.tokenFor(organization, scope));
    }
    victim = await makeOwn('acme manage');
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function makeOwn(who: string): Promise<typeof victim> {
    const token = tokens.get(who) ?? '';
    const connection = await service.call('POST', '/api/v1/connections', {
      token,
      body: smtpConnection(service.secret()),
    });
    // The answer shows the key once; as a response it is left out of the search for secrets.
    const apiKey = await checkedFetch(`${service.url}/api/v1/api-keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Own', scope: 'read' }),
    });
    const path = `/api/v1/connections/${String(connection.body.id)}`;
    const usage = await service.call('PUT', `${path}/usages/campaign/42`, {
      token,
      body: { name: 'Own', status: 'draft' },
    });
    const endpoint = await checkedFetch(`${service.url}/api/v1/webhook-endpoints`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://127.0.0.1:9/' }),
    });
    expect([connection.status, apiKey.status, usage.status, endpoint.status]).toEqual([201, 201, 201, 201]);
    return {
      connection: (await service.call('GET', path, { token })).body,
      apiKey: await apiKey.json(),
      endpoint: await endpoint.json(),
    };
  }

  const pathFor = ({ path }: Operation): string =>
    path
      .replace('{vendor}', 'smtp')
      .replace('{eventId}', '1')
      .replace('{deliveryId}', '1')
      .replace('{jobId}', '1')
      .replace('{consumer}', 'campaign')
      .replace('{ref}', '42')
      .replace('{messageId}', '1')
      .replace('{id}', idFor(path));

  const idFor = (path: string): string => {
    if (path.includes('webhook-endpoints')) return victim.endpoint.id;
    return path.includes('api-keys') ? victim.apiKey.id : victim.connection.id;
  };

  const bodyFor = ({ method, path }: Operation): object => {
    if (method === 'PATCH') return { body: path.includes('webhook') ? { kinds: null } : { name: 'Taken over' } };
    if (path.endsWith('/move-usages')) return { body: { to: uuid() } };
    if (path.endsWith('/messages/batch')) return { body: { messages: [HELLO] } };
    if (path.endsWith('{id}/replay')) return { body: { from: '2026-01-31T08:00:00Z' } };
    if (path.includes('/usages/') && method === 'PUT') return { body: { name: 'Taken over', status: 'running' } };
    if (path.endsWith('/connections/test')) return { body: { connectionId: victim.connection.id, settings: {} } };
    return method === 'POST' ? { body: {} } : {};
  };

  it('is there: the list is not empty', () => {
    expect(GUARDED.length).toBeGreaterThanOrEqual(13);
    expect(WITH_ID.length).toBeGreaterThanOrEqual(6);
    expect(OPERATIONS.filter((operation) => operation.scope === undefined).map(({ path }) => path)).toEqual([
      '/webhooks/v2/{vendor}/{connectionId}',
      '/webhooks/v2/{vendor}/{connectionId}',
      '/api/v1/session',
      '/health/live',
      '/health/ready',
    ]);
  });

  it.each(GUARDED)('$method $path asks for a token', async (operation) => {
    const none = await service.call(operation.method, pathFor(operation), { ...bodyFor(operation), token: null });
    expect([none.status, none.body.code, none.headers.get('www-authenticate')]).toEqual([
      401,
      'unauthorized',
      'Bearer',
    ]);
    for (const authorization of ['Basic c2tfeDp5', 'Bearer', `Bearer ${'x'.repeat(5000)}`, 'sk_x']) {
      const odd = await service.call(operation.method, pathFor(operation), {
        ...bodyFor(operation),
        token: null,
        headers: { authorization },
      });
      expect(odd.status).toBe(401);
    }
  });

  it.each(ENDING.flatMap((operation) => SCOPES.map((held) => ({ ...operation, held }))))(
    '$method $path with the right $held of the other organization',
    async (operation) => {
      const { held, scope, method, path } = operation;
      const token = tokens.get(`ACME ${held}`) ?? '';
      const answer = await service.call(method, pathFor(operation), { ...bodyFor(operation), token });
      if (SCOPES.indexOf(held) < SCOPES.indexOf(scope ?? 'manage')) {
        expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
      } else if (path.includes('{id}') || path.endsWith('/connections/test')) {
        expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
      } else {
        expect(answer.status).not.toBe(403);
        // A list shows nothing of the other organization.
        expect(JSON.stringify(answer.body)).not.toContain(victim.connection.id);
        expect(JSON.stringify(answer.body)).not.toContain(victim.apiKey.id);
      }
    },
  );

  describe('with a key that is restricted to another connection of the organization', () => {
    let restricted: string;
    let cookie: string;
    let own: string;

    beforeAll(async () => {
      const created = await service.call('POST', '/api/v1/connections', {
        token: tokens.get('acme manage') ?? '',
        body: smtpConnection(service.secret()),
      });
      own = String(created.body.id);
      const caller = { organization: 'acme', actor: 'test' };
      const { key } = await service.app
        .get(ApiKeysService)
        .create(caller, { name: 'Restricted', scope: 'manage', connectionIds: [own] });
      restricted = service.watch(key);
      const opened = await checkedFetch(`${service.url}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: key }),
      });
      cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
      service.watch(cookie.split('=')[1] ?? '');
    });

    /** The routes without a connection in their path that such a key may call. A new one belongs here on purpose alone. */
    const OPEN = new Set([
      'GET /api/v1/connections',
      'GET /api/v1/events',
      'GET /api/v1/sender-defaults',
      'GET /api/v1/session',
      'GET /api/v1/stats',
      'GET /api/v1/vendors',
      'GET /api/v1/vendors/{vendor}',
      'POST /api/v1/launch-check',
    ]);
    const isOpen = ({ method, path }: Operation): boolean => OPEN.has(`${method} ${path}`);
    // Ending the session is allowed as well, but would end it for the other tests.
    const ROUTES = ENDING.filter(({ method, path }) => !(method === 'DELETE' && path.endsWith('/session')));

    it.each(ROUTES)('$method $path', async (operation) => {
      const { method, path } = operation;
      const headers = { cookie, origin: service.url };
      for (const access of [{ token: restricted }, { token: null, headers }]) {
        const answer = await service.call(method, pathFor(operation), { ...bodyFor(operation), ...access });
        if (path.startsWith('/api/v1/connections/{id}') || path.endsWith('/connections/test')) {
          expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
        } else if (isOpen(operation)) {
          expect(answer.status).toBe(200);
          expect(JSON.stringify(answer.body)).not.toContain(victim.connection.id);
        } else {
          expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
        }
      }
    });

    it.each(['', '/tests', '/usages', '/events', '/stats', '/deliveries', '/webhook'])(
      'GET /api/v1/connections/{id}%s works for its own connection',
      async (rest) => {
        const answer = await service.call('GET', `/api/v1/connections/${own}${rest}`, { token: restricted });
        expect(answer.status).toBe(200);
      },
    );

    it('lists its own connection alone, on every page and with every filter', async () => {
      for (const path of [
        '/api/v1/connections',
        '/api/v1/connections?search=Relay&limit=1',
        '/api/v1/sender-defaults',
      ]) {
        const { data, nextCursor } = (await service.call('GET', path, { token: restricted })).body;
        expect([data.map(({ id }: { id: string }) => id), nextCursor]).toEqual([[own], null]);
      }
    });

    it('changes and tests its own connection, and creates none', async () => {
      const path = `/api/v1/connections/${own}`;
      const patched = await service.call('PATCH', path, { token: restricted, body: { name: 'Renamed' } });
      const tested = await service.call('POST', '/api/v1/connections/test', {
        token: restricted,
        body: { connectionId: own, settings: {} },
      });
      expect([patched.status, tested.status]).toEqual([200, 200]);
      const body = smtpConnection(service.secret());
      for (const target of ['/api/v1/connections', '/api/v1/connections/test']) {
        const answer = await service.call('POST', target, { token: restricted, body });
        expect([target, answer.status]).toEqual([target, target.endsWith('test') ? 404 : 403]);
      }
    });
  });

  it('left what it belongs to untouched', async () => {
    const token = tokens.get('acme manage') ?? '';
    const read = await service.call('GET', `/api/v1/connections/${String(victim.connection.id)}`, { token });
    expect(read.body).toEqual(victim.connection);
    const keys = (await service.call('GET', '/api/v1/api-keys', { token })).body.data;
    expect(keys.map((key: any) => key.id)).toContain(victim.apiKey.id);
    expect((await service.call('GET', '/api/v1/vendors', { token: victim.apiKey.key })).status).toBe(200);
  });
});

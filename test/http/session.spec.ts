import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { DataSource } from 'typeorm';
import type { Configuration } from '../../src/config/configuration.ts';
import { SessionRow } from '../../src/auth/database/sessions.repository.ts';
import { checkedFetch } from '../support/contract.ts';
import { createDatabase, type DatabaseKind, DATABASES } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/session';
const SECRET = 'a shared secret of thirty-two bytes and more';
const CLAIMS = { iss: 'https://crm.example', aud: 'score-connections', sub: 'ada', org: 'acme' };
const JWT: Partial<Configuration> = {
  deletedConnectionRetentionDays: 12,
  jwt: { issuer: CLAIMS.iss, audience: CLAIMS.aud, key: { kind: 'secret', secret: SECRET } },
};

interface Opened {
  readonly status: number;
  readonly body: any;
  /** The header `Set-Cookie` without the id. */
  readonly attributes: string;
  /** What a browser sends back. */
  readonly cookie: string;
}

/** Signs in as a browser does. The answer has the id once: as a response it is left out of the search for secrets. */
async function open(service: TestService, token: string, headers: Record<string, string> = {}): Promise<Opened> {
  const response = await checkedFetch(`${service.url}${PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });
  const [, name = '', id = '', attributes = ''] =
    /^([^=]+)=([^;]*); (.*)$/.exec(response.headers.get('set-cookie') ?? '') ?? [];
  if (id !== '') service.watch(id);
  return { status: response.status, body: await response.json(), attributes, cookie: `${name}=${id}` };
}

async function end(service: TestService): Promise<void> {
  await service.stop();
  await service.database.drop();
}

const start = async (kind: DatabaseKind, overrides?: Partial<Configuration>): Promise<TestService> =>
  TestService.start(await createDatabase(kind), overrides);

describe.each(DATABASES)('a session on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await start(kind, JWT);
  });

  afterAll(() => end(service));

  const as = (cookie: string, method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    service.call(method, path, {
      token: null,
      headers: { cookie, ...headers },
      ...(body === undefined ? {} : { body }),
    });

  it('is opened with an API key, tells who is signed in and acts as the key', async () => {
    const opened = await open(service, `  ${await service.tokenFor('acme')} `);
    expect(opened.status).toBe(201);
    expect(opened.body).toEqual({
      organization: 'acme',
      actor: expect.stringMatching(/^api-key:/),
      scope: 'manage',
      connectionIds: null,
      expiresAt: expect.any(String),
      deletedConnectionRetentionDays: 12,
      sendingMode: 'live',
      sendingRedirectTo: null,
    });
    expect((await as(opened.cookie, 'GET', PATH)).body).toEqual(opened.body);
    const created = await as(
      opened.cookie,
      'POST',
      '/api/v1/connections',
      { origin: service.url },
      smtpConnection(service.secret()),
    );
    expect(created.status).toBe(201);
    expect((await as(opened.cookie, 'GET', '/api/v1/connections')).body.data).toHaveLength(1);
    expect(service.logs.find((line) => line.includes(String(opened.body.actor)))).toContain('"organization":"acme"');
  });

  it('holds the right of its token and no more', async () => {
    const { cookie } = await open(service, await service.tokenFor('acme', 'read'));
    const answer = await as(cookie, 'POST', '/api/v1/connections', { origin: service.url }, {});
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
  });

  it('is a cookie that no script reads and no other site sends', async () => {
    const { attributes, cookie, body } = await open(service, service.key);
    expect(cookie).toMatch(/^score-session=[A-Za-z0-9_-]{43}$/);
    const expires = new Date(body.expiresAt);
    expires.setMilliseconds(0);
    expect(attributes.split('; ').toSorted()).toEqual(
      [`Expires=${expires.toUTCString()}`, 'HttpOnly', 'Path=/', 'SameSite=Strict'].toSorted(),
    );
    const dump = (await service.database.dump()).toString('latin1');
    expect(dump).toContain(
      createHash('sha256')
        .update(cookie.split('=')[1] ?? '')
        .digest('hex'),
    );
  });

  it.each<[string, Record<string, string>]>([
    ['no Origin', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['another scheme', { origin: 'https:' }],
    ['a sandboxed page', { origin: 'null' }],
  ])('does not write for %s', async (_who, headers) => {
    const { cookie } = await open(service, service.key);
    const origin = headers['origin'] === 'https:' ? { origin: service.url.replace('http:', 'https:') } : headers;
    for (const [method, path] of [
      ['POST', '/api/v1/connections'],
      ['DELETE', PATH],
    ] as const) {
      const answer = await as(cookie, method, path, origin, method === 'POST' ? {} : undefined);
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await as(cookie, 'GET', PATH, origin)).status).toBe(200);
  });

  it('is not opened by another site', async () => {
    const answer = await open(service, service.key, { origin: 'https://evil.example' });
    expect([answer.status, answer.body.code, answer.attributes]).toEqual([403, 'forbidden', '']);
  });

  it('ends when it is told to', async () => {
    const { cookie } = await open(service, service.key);
    const ended = await as(cookie, 'DELETE', PATH, { origin: service.url });
    expect(ended.status).toBe(204);
    expect(ended.headers.get('set-cookie')).toMatch(/^score-session=; Max-Age=0; .*HttpOnly/);
    const after = await as(cookie, 'GET', PATH);
    expect([after.status, after.body.code, after.body.detail]).toEqual([
      401,
      'unauthorized',
      'The session has ended. Sign in again.',
    ]);
  });

  it('ends with its API key', async () => {
    const token = await service.tokenFor('acme', 'read');
    const { cookie, body } = await open(service, token);
    const manager = await service.tokenFor('acme');
    await service.call('DELETE', `/api/v1/api-keys/${body.actor.replace('api-key:', '')}`, { token: manager });
    expect((await as(cookie, 'GET', PATH)).status).toBe(401);
  });

  it('lasts twelve hours; then it lets nobody in, and the next one to be opened clears it away', async () => {
    const before = Date.now();
    const { cookie, body } = await open(service, service.key);
    const lifetime = new Date(body.expiresAt).getTime() - before;
    expect(Math.round(lifetime / 60_000)).toBe(12 * 60);
    const sessions = service.app.get(DataSource).getRepository(SessionRow);
    await sessions.update({ digest: digestOf(cookie) }, { expiresAt: new Date() });
    expect((await as(cookie, 'GET', PATH)).status).toBe(401);
    expect(await sessions.existsBy({ digest: digestOf(cookie) })).toBe(true);
    await open(service, service.key);
    expect(await sessions.existsBy({ digest: digestOf(cookie) })).toBe(false);
  });

  it('ends when the JWT ends that it was opened with', async () => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const jwt = await new SignJWT({ ...CLAIMS, role: 'member', exp })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET));
    const { body } = await open(service, service.watch(jwt));
    expect(body).toEqual({
      organization: 'acme',
      actor: 'user:ada',
      scope: 'read',
      connectionIds: null,
      expiresAt: new Date(exp * 1000).toISOString(),
      deletedConnectionRetentionDays: 12,
      sendingMode: 'live',
      sendingRedirectTo: null,
    });
  });

  it('is told by a bearer token too, which goes before a cookie', async () => {
    const { cookie } = await open(service, await service.tokenFor('acme', 'read'));
    const answer = await service.call('GET', PATH, { headers: { cookie } });
    expect(answer.body).toMatchObject({ organization: 'default', scope: 'manage', expiresAt: null });
    const refused = await service.call('GET', PATH, { token: 'sk_unknown', headers: { cookie } });
    expect(refused.status).toBe(401);
  });

  it.each([
    ['nothing', {}, '/token', 'required'],
    ['a number', { token: 7 }, '/token', 'wrong_type'],
    ['a long text', { token: 'x'.repeat(4097) }, '/token', 'too_long'],
    ['more than a token', { token: 'x', remember: true }, '/remember', 'unknown_field'],
  ])('is not opened with %s', async (_what, body, pointer, code) => {
    const answer = await service.call('POST', PATH, { token: null, body });
    expect([answer.status, answer.body.errors]).toMatchObject([422, [{ pointer, code }]]);
  });
});

function digestOf(cookie: string): string {
  return createHash('sha256')
    .update(cookie.split('=')[1] ?? '')
    .digest('hex');
}

/** As fetch, which keeps the header Host for itself. */
async function request(
  url: string,
  method: string,
  headers: Record<string, string>,
  payload?: object,
): Promise<IncomingMessage> {
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  const outgoing = httpRequest(url, { method, headers: { ...headers, ...type }, agent: false });
  outgoing.end(payload === undefined ? undefined : JSON.stringify(payload));
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}

describe('over https', () => {
  const HTTPS = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mail.crm.example' };

  it.each<[string, Partial<Configuration>, Record<string, string>]>([
    ['a trusted proxy', { trustProxy: true }, HTTPS],
    ['the public address', { publicUrl: 'https://mail.crm.example' }, { host: 'mail.crm.example' }],
  ])('known by %s, the cookie is bound to the host', async (_how, overrides, headers) => {
    const service = await start('SQLite', overrides);
    const origin = 'https://mail.crm.example';
    const ask = (method: string, more: Record<string, string>, payload?: object): Promise<IncomingMessage> =>
      request(`${service.url}${PATH}`, method, { ...headers, ...more }, payload);
    const opened = await ask('POST', { origin }, { token: service.key });
    const header = String(opened.headers['set-cookie']?.[0]);
    expect(header).toMatch(/^__Host-score-session=/);
    expect(header).toMatch(/; Path=\/; .*HttpOnly; Secure; SameSite=Strict$/);
    expect(header).not.toContain('Domain');
    const cookie = header.split(';')[0] ?? '';
    service.watch(cookie.split('=')[1] ?? '');
    expect((await ask('GET', { cookie })).statusCode).toBe(200);
    // A page on http, or one that plants a cookie from there, is not ours.
    expect((await ask('GET', { cookie: cookie.replace('__Host-', '') })).statusCode).toBe(401);
    expect((await ask('DELETE', { cookie, origin: 'http://mail.crm.example:3000' })).statusCode).toBe(403);
    expect((await ask('DELETE', { cookie, origin })).statusCode).toBe(204);
    await end(service);
  });
});

it('cannot be guessed its way into: failed sign-ins are limited as those of the API, lost sessions are not', async () => {
  const service = await start('SQLite');
  const { cookie } = await open(service, service.key);
  await service.call('DELETE', PATH, { token: null, headers: { cookie, origin: service.url } });
  for (let attempt = 0; attempt < 25; attempt++) {
    expect((await service.call('GET', PATH, { token: null, headers: { cookie } })).status).toBe(401);
  }
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 22; attempt++) {
    statuses.push((await open(service, `sk_${String(attempt)}`)).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429, 429]);
  const { status, cookie: valid } = await open(service, service.key);
  expect(status).toBe(201);
  expect((await service.call('GET', PATH, { token: null, headers: { cookie: valid } })).status).toBe(200);
  await end(service);
});

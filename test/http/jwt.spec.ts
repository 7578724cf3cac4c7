import { createHmac, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exportPKCS8, importPKCS8, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import type { Configuration, JwtConfiguration } from '../../src/config/configuration.ts';
import { ConfigurationError, type Environment, readConfiguration } from '../../src/config/environment.ts';
import { ANY_DATABASE, createDatabase, type DatabaseKind } from '../support/databases.ts';
import { JwksServer, type SigningKey, signingKey } from '../support/jwks-server.ts';
import { type Answer, type CallOptions, TEST_KEY, TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const CONNECTIONS = '/api/v1/connections';
const ISSUER = 'https://crm.example';
const AUDIENCE = 'score-connections';
const SECRET = randomBytes(32).toString('base64');
const SHARED: JwtConfiguration = { issuer: ISSUER, audience: AUDIENCE, key: { kind: 'secret', secret: SECRET } };

type Claims = Readonly<Record<string, unknown>>;
type SignWith = Parameters<SignJWT['sign']>[0];

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** What the CRM says of an owner of `acme`; a claim that is undefined is left out. */
function claims(changes: Claims = {}): Record<string, unknown> {
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', org: 'acme', role: 'owner', exp: inSeconds(300), ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function signed(payload: Claims, key: SignWith, header: JWTHeaderParameters): Promise<string> {
  return new SignJWT({ ...payload }).setProtectedHeader(header).sign(key);
}

const byCrm = (changes: Claims = {}, alg = 'HS256'): Promise<string> => signed(claims(changes), bytes(SECRET), { alg });
const byKey = (key: SigningKey, changes: Claims = {}): Promise<string> =>
  signed(claims(changes), key.privateKey, { alg: key.alg, kid: key.kid });

async function start(jwt: JwtConfiguration | undefined, kind: DatabaseKind = 'SQLite'): Promise<TestService> {
  const overrides: Partial<Configuration> = { trustProxy: true, ...(jwt === undefined ? {} : { jwt }) };
  return TestService.start(await createDatabase(kind), overrides);
}

const startWith = (server: JwksServer): Promise<TestService> =>
  start({ issuer: ISSUER, audience: AUDIENCE, key: { kind: 'jwks', url: server.url } });

async function end(service: TestService): Promise<void> {
  await service.stop();
  await service.database.drop();
}

let client = 0;

/** A call with a token, no part of which may be seen again; from an address of its own, so that none is limited. */
async function callAs(service: TestService, token: string, method = 'GET', path = CONNECTIONS, options?: CallOptions) {
  // The header says nothing, and parts as short as these tests also send are found everywhere.
  const [, ...parts] = token.split('.');
  for (const part of parts) if (part.length > 20) service.keepSecret(part);
  client += 1;
  const headers = { 'x-forwarded-for': `10.1.${String(client >> 8)}.${String(client & 255)}` };
  return service.call(method, path, { ...options, token, headers: { ...headers, ...options?.headers } });
}

function expectRefused(answer: Answer<any>, detail: RegExp = /^The token is not valid/): void {
  expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(answer.body.detail).toMatch(detail);
}

function expectUnavailable(answer: Answer<any>): void {
  expect([answer.status, answer.body.code]).toEqual([503, 'identity_provider_unavailable']);
  expect(answer.headers.get('retry-after')).toBe('5');
}

describe.each(ANY_DATABASE)('a JWT of the CRM on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await start(SHARED, kind);
  });

  afterAll(() => end(service));

  it.each(['owner', 'admin'])('lets an %s manage, and signs what was done', async (role) => {
    // As long as a name may be, and in characters that need four bytes.
    const sub = `${role} Ада ${'🙂'.repeat(140)}`;
    const token = await byCrm({ role, sub });
    const created = await callAs(service, token, 'POST', CONNECTIONS, { body: smtpConnection(service.secret()) });
    expect(created.status).toBe(201);
    const path = `${CONNECTIONS}/${String(created.body.id)}`;
    expect((await callAs(service, token, 'GET', path)).body).toEqual(created.body);
    const key = { body: { name: role, scope: 'read' } };
    expect((await callAs(service, token, 'POST', '/api/v1/api-keys', key)).status).toBe(201);
    expect((await callAs(service, token, 'DELETE', path)).status).toBe(204);
    expect((await service.database.dump()).toString()).toContain(`user:${sub}`);
    expect(service.logs.join('\n')).toContain(JSON.stringify(`user:${sub}`));
  });

  it('lets a member look, and nothing more', async () => {
    const body = smtpConnection(service.secret());
    const created = await callAs(service, await byCrm(), 'POST', CONNECTIONS, { body });
    const path = `${CONNECTIONS}/${String(created.body.id)}`;
    const token = await byCrm({ role: 'member' });
    for (const readable of [CONNECTIONS, path, `${path}/tests`, '/api/v1/vendors']) {
      expect((await callAs(service, token, 'GET', readable)).status).toBe(200);
    }
    const refused = [
      await callAs(service, token, 'POST', CONNECTIONS, { body }),
      await callAs(service, token, 'PATCH', path, { body: { name: 'Mine' } }),
      await callAs(service, token, 'DELETE', path),
      await callAs(service, token, 'POST', `${path}/test`, { body: {} }),
      await callAs(service, token, 'GET', '/api/v1/api-keys'),
    ];
    expect(refused.map((answer) => [answer.status, answer.body.code])).toEqual(refused.map(() => [403, 'forbidden']));
  });

  it('shows an organization nothing of another one', async () => {
    const body = { ...smtpConnection(service.secret()), name: 'Of the default organization' };
    const theirs = await service.call('POST', CONNECTIONS, { body });
    expect(theirs.status).toBe(201);
    const path = `${CONNECTIONS}/${String(theirs.body.id)}`;
    for (const org of ['acme', 'Default', 'DEFAULT']) {
      const token = await byCrm({ org });
      expect(JSON.stringify((await callAs(service, token)).body)).not.toContain(theirs.body.id);
      const answers = [
        await callAs(service, token, 'GET', path),
        await callAs(service, token, 'PATCH', path, { body: { name: 'Taken over' } }),
        await callAs(service, token, 'DELETE', path),
        await callAs(service, token, 'POST', `${path}/test`, { body: {} }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404]);
    }
    const token = await byCrm({ org: 'default', role: 'member' });
    expect((await callAs(service, token, 'GET', path)).body).toEqual(theirs.body);
  });
});

describe('with a shared secret', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await start(SHARED);
  });

  afterAll(() => end(service));

  it.each<[string, Claims]>([
    ['as the CRM makes it', {}],
    ['for several audiences', { aud: ['crm', AUDIENCE] }],
    ['with all that an organization may be called', { org: `aZ0._:-${'x'.repeat(57)}` }],
  ])('takes one %s', async (_name, changes) => {
    expect((await callAs(service, await byCrm(changes))).status).toBe(200);
  });

  it('takes one that ended just now: clocks differ', async () => {
    expect((await callAs(service, await byCrm({ exp: inSeconds(-2) }))).status).toBe(200);
  });

  it('takes API keys beside it', async () => {
    expect((await service.call('GET', CONNECTIONS)).status).toBe(200);
    expectRefused(await callAs(service, `${service.key}.a.b`), /^The API key does not exist/);
  });

  it('says that one has expired', async () => {
    expectRefused(await callAs(service, await byCrm({ exp: inSeconds(-60) })), /^The token has expired\./);
  });

  it.each<[string, string, Claims]>([
    ['without an end', 'exp', { exp: undefined }],
    ['with an end that is no number', 'exp', { exp: '9999999999' }],
    ['that is not valid yet', 'nbf', { nbf: inSeconds(600) }],
    ['of another issuer', 'iss', { iss: 'https://crm.example.evil.example' }],
    ['without an issuer', 'iss', { iss: undefined }],
    ['for another audience', 'aud', { aud: 'score-campaigns' }],
    ['for no audience of a list', 'aud', { aud: [] }],
    ['without an audience', 'aud', { aud: undefined }],
    ['without an organization', 'org', { org: undefined }],
    ['without a role', 'role', { role: undefined }],
    ['without a subject', 'sub', { sub: undefined }],
    ...['', 'ac me', 'acme\n', 'äcme', 'acme/../default', 'x'.repeat(65), ['acme'], { id: 'acme' }, 42, null, true].map(
      (org): [string, string, Claims] => [`of the organization ${JSON.stringify(org)}`, 'org', { org }],
    ),
    ...['superuser', 'Owner', 'owner ', '', 'constructor', '__proto__', ['owner'], 1, null].map(
      (role): [string, string, Claims] => [`of the role ${JSON.stringify(role)}`, 'role', { role }],
    ),
    ...['', 'a\0b', 'a\nb', 'a\u202eb', 'a\u2028b', '\ud800', 'x'.repeat(151), ['ada'], 7, null].map(
      (sub): [string, string, Claims] => [`of the subject ${JSON.stringify(sub)}`, 'sub', { sub }],
    ),
  ])('refuses one %s', async (_name, claim, changes) => {
    const answer = await callAs(service, await byCrm(changes));
    expectRefused(answer, new RegExp(`^The token's claim "${claim}" is missing or not valid`));
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of another secret', () => signed(claims(), randomBytes(32), { alg: 'HS256' })],
    ['of HS384', () => byCrm({}, 'HS384')],
    ['of HS512', () => byCrm({}, 'HS512')],
    ['without a signature', () => new UnsecuredJWT(claims()).encode()],
    ['with its signature cut off', async () => (await byCrm()).replace(/[^.]*$/, '')],
    ['whose payload was changed', async () => tampered(await byCrm({ role: 'member' }))],
    ['whose header says none', async () => (await byCrm()).replace(/^[^.]*/, base64url({ alg: 'none' }))],
    ['that wants an extension', () => byHand({ alg: 'HS256', crit: ['exp'], exp: 1 })],
    ['whose payload is not encoded', () => byHand({ alg: 'HS256', crit: ['b64'], b64: false })],
    ['with a key of its own choice', () => byHand({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }, 'AAAA')],
    ['that is text', () => 'not.a.token'],
    ['of empty objects', () => `${base64url({})}.${base64url({})}.`],
  ])('refuses one %s', async (_name, make) => {
    expectRefused(await callAs(service, await make()), /^The token is not valid\.$/);
  });

  it('refuses one of a public key, even if the token brings it along', async () => {
    const own = await signingKey('RS256', 'own');
    const token = await signed(claims(), own.privateKey, { alg: 'RS256', kid: own.kid, jwk: own.jwk });
    expectRefused(await callAs(service, token), /^The token is not valid\.$/);
  });

  it.each(['a', 'a.b', 'a.b.c.d', 'a..c', '.b.c', '..', 'a.b.c.d.e'])('refuses %s, which is neither', async (token) => {
    expectRefused(await callAs(service, token), /not an API key or a JWT/);
  });

  it('counts bad signatures: an address may send 20 a minute, and its valid tokens are still accepted', async () => {
    const headers = { 'x-forwarded-for': '10.9.9.9' };
    const from = (token: string) => callAs(service, token, 'GET', CONNECTIONS, { headers });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 21; attempt++) {
      const guess = await signed(claims(), randomBytes(32), { alg: 'HS256' });
      statuses.push((await from(guess)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    expect((await from(await byCrm())).status).toBe(200);
    expect((await from(service.key)).status).toBe(200);
    // What is malformed or unknown counts too.
    for (const token of ['a', 'a.b.c', 'sk_x', tampered(await byCrm({ role: 'member' }))])
      expect((await from(token)).status).toBe(429);
  });

  it.each<[string, Claims]>([
    ['expired', { exp: inSeconds(-60) }],
    ['not valid yet', { nbf: inSeconds(600) }],
    ['for another audience', { aud: 'billing' }],
    ['without a role that is known', { role: 'guest' }],
  ])('does not count tokens of the CRM that are %s', async (name, changes) => {
    const headers = { 'x-forwarded-for': `10.9.8.${String(name.length)}` };
    for (let attempt = 0; attempt < 21; attempt++) {
      const token = await byCrm({ ...changes, jti: String(attempt) });
      expect((await callAs(service, token, 'GET', CONNECTIONS, { headers })).status).toBe(401);
    }
    expect((await callAs(service, await byCrm(), 'GET', CONNECTIONS, { headers })).status).toBe(200);
  });
});

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signed without the help of a library that knows what may be in a header. */
function byHand(header: Claims, secret = SECRET): string {
  const content = `${base64url(header)}.${base64url(claims())}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

function tampered(token: string): string {
  return token.replace(/\.[^.]+\./, `.${base64url(claims({ role: 'owner' }))}.`);
}

it('refuses a JWT where none is configured', async () => {
  const service = await start(undefined);
  expectRefused(await callAs(service, await byCrm()), /accepts only API keys/);
  await end(service);
});

describe('with public keys', () => {
  let rsa: SigningKey;
  let ec: SigningKey;
  let ed: SigningKey;
  let jwks: JwksServer;
  let service: TestService;

  beforeAll(async () => {
    [rsa, ec, ed] = await Promise.all([
      signingKey('RS256', 'rsa'),
      signingKey('ES256', 'ec'),
      signingKey('EdDSA', 'ed'),
    ]);
    jwks = await JwksServer.start(rsa, ec, ed);
    service = await startWith(jwks);
  });

  afterAll(async () => {
    await end(service);
    await jwks.stop();
  });

  it('takes RS256, ES256 and EdDSA, and fetches the keys once', async () => {
    for (const key of [rsa, ec, ed]) expect((await callAs(service, await byKey(key))).status).toBe(200);
    expect(jwks.requests).toBe(1);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['HS256 of the public key as PEM', () => confused(bytes(rsa.pem))],
    ['HS256 of the public key as PEM without its last line end', () => confused(bytes(rsa.pem.trim()))],
    ['HS256 of the public key as JWK', () => confused(bytes(JSON.stringify(rsa.jwk)))],
    ['HS256 of the modulus', () => confused(Buffer.from(rsa.jwk.n ?? '', 'base64url'))],
    ['HS256 of some secret', () => byCrm()],
    ['the right key, as RS384', () => withRsaAs('RS384')],
    ['the right key, as RS512', () => withRsaAs('RS512')],
    ['the right key, as PS256', () => withRsaAs('PS256')],
    ['nothing', () => new UnsecuredJWT(claims()).encode()],
    ['another key under the name of a known one', async () => byKey(await signingKey('RS256', 'rsa'))],
    ['a key that nobody knows', async () => byKey(await signingKey('ES256', 'unknown'))],
    ['a key of another kind than the named one', () => byKey({ ...ec, kid: 'rsa' })],
    [
      'a key that the token brings along',
      async () => {
        const own = await signingKey('ES256', 'own');
        return signed(claims(), own.privateKey, { alg: 'ES256', jwk: own.jwk, jku: jwks.url, kid: 'own' });
      },
    ],
    ['the right key, with another payload', async () => tampered(await byKey(rsa, { role: 'member' }))],
  ])('refuses one signed with %s', async (_name, make) => {
    expectRefused(await callAs(service, await make()), /^The token is not valid\.$/);
  });

  it.each<[string, Claims, RegExp]>([
    ['expired', { exp: inSeconds(-60) }, /^The token has expired\./],
    ['of another issuer', { iss: 'https://other.example' }, /claim "iss"/],
    ['for another audience', { aud: 'other' }, /claim "aud"/],
    ['of another role', { role: 'superuser' }, /claim "role"/],
  ])('refuses one %s', async (_name, changes, detail) => {
    expectRefused(await callAs(service, await byKey(ec, changes)), detail);
  });

  const confused = (secret: Uint8Array): Promise<string> => signed(claims(), secret, { alg: 'HS256', kid: 'rsa' });
  const withRsaAs = async (alg: string): Promise<string> =>
    signed(claims(), await importPKCS8(await exportPKCS8(rsa.privateKey), alg), { alg, kid: 'rsa' });
});

describe('the key set', () => {
  let first: SigningKey;
  let second: SigningKey;
  let jwks: JwksServer;
  let service: TestService;
  let clock: { mockRestore(): void } | undefined;

  /** Moves the clock that the age of the key set goes by; that of the tokens stands where it is. */
  const later = (ms: number): void => {
    const start = Date.now() + ms - performance.now();
    clock?.mockRestore();
    clock = jest.spyOn(Date, 'now').mockImplementation(() => Math.floor(start + performance.now()));
  };
  const statusOf = async (key: SigningKey): Promise<number> => (await callAs(service, await byKey(key))).status;

  beforeAll(async () => {
    [first, second] = [await signingKey('ES256', 'first'), await signingKey('ES256', 'second')];
  });

  beforeEach(async () => {
    jwks = await JwksServer.start(first);
    service = await startWith(jwks);
  });

  afterEach(async () => {
    clock?.mockRestore();
    clock = undefined;
    await jwks.stop();
    await end(service);
  });

  it('is fetched once for many who come at the same time', async () => {
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(first)));
    expect([new Set(statuses), jwks.requests]).toEqual([new Set([200]), 1]);
  });

  it('is fetched anew for a key that is not known, but not for each one', async () => {
    expect(await statusOf(first)).toBe(200);
    jwks.publish(first, second);
    expect([await statusOf(second), await statusOf(second), jwks.requests]).toEqual([401, 401, 1]);
    later(6000);
    expect([await statusOf(second), await statusOf(first), jwks.requests]).toEqual([200, 200, 2]);
  });

  it('forgets a key that was withdrawn, after ten minutes at the latest', async () => {
    expect(await statusOf(first)).toBe(200);
    jwks.publish(second);
    later(9 * 60_000);
    expect([await statusOf(first), jwks.requests]).toEqual([200, 1]);
    later(2 * 60_000);
    expect([await statusOf(first), jwks.requests]).toEqual([401, 2]);
    expect(await statusOf(second)).toBe(200);
  });

  it.each<[string, () => Promise<void> | void]>([
    ['stopped', () => jwks.stop()],
    ['silent', () => jwks.hang()],
    ['failing', () => jwks.answerWith(500, '{"keys":[]}')],
    ['moved', () => jwks.answerWith(302, '', { location: jwks.url })],
    ['a web page', () => jwks.answerWith(200, '<html>')],
    ['something else', () => jwks.answerWith(200, '{"error":"x"}')],
  ])('that is %s makes it answer 503, until it is back', async (state, spoil) => {
    await spoil();
    expectUnavailable(await callAs(service, await byKey(first)));
    // Those who need no key of that set go on.
    expect((await service.call('GET', CONNECTIONS)).status).toBe(200);
    expectRefused(await callAs(service, await byCrm()), /^The token is not valid\.$/);
    if (state === 'stopped') await jwks.resume();
    jwks.heal();
    later(1100);
    expect(await statusOf(first)).toBe(200);
  });

  it('that is down is asked once a second at most, and counts as nobody’s failure', async () => {
    jwks.answerWith(503, '');
    const headers = { 'x-forwarded-for': '10.9.9.9' };
    const started = performance.now();
    for (let attempt = 0; attempt < 30; attempt++) {
      expectUnavailable(await callAs(service, await byKey(first), 'GET', CONNECTIONS, { headers }));
    }
    expect(jwks.requests).toBeLessThanOrEqual(1 + (performance.now() - started) / 1000);
    jwks.heal();
    later(1100);
    const answer = await callAs(service, await byKey(first), 'GET', CONNECTIONS, { headers });
    expect(answer.status).toBe(200);
  });

  it('that is down still holds for the keys it had, and for ten minutes', async () => {
    expect(await statusOf(first)).toBe(200);
    await jwks.stop();
    later(6000);
    // It may be a new key: whether it is cannot be told.
    expectUnavailable(await callAs(service, await byKey(second)));
    expect(await statusOf(first)).toBe(200);
    later(11 * 60_000);
    expectUnavailable(await callAs(service, await byKey(first)));
  });

  it('asks for the name of the key where several fit', async () => {
    jwks.publish(first, second);
    const nameless = await signed(claims(), first.privateKey, { alg: first.alg });
    expectRefused(await callAs(service, nameless), /^The token is not valid\.$/);
    later(11 * 60_000);
    jwks.publish(first);
    expect((await callAs(service, nameless)).status).toBe(200);
  });
});

describe('the configuration of JWTs', () => {
  const given = { AUTH_JWT_ISSUER: ISSUER, AUTH_JWT_AUDIENCE: AUDIENCE };
  const read = (environment: Environment): Configuration =>
    readConfiguration({ ENCRYPTION_KEYS: TEST_KEY, DATA_DIR: tmpdir(), ...environment });

  function faultsOf(environment: Environment): readonly string[] {
    try {
      read(environment);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.faults;
      throw error;
    }
    return [];
  }

  it('is read', () => {
    expect(read({ ...given, AUTH_JWT_SECRET: SECRET }).jwt).toEqual(SHARED);
    const url = 'https://crm.example/.well-known/jwks.json?tenant=a';
    expect(read({ ...given, AUTH_JWKS_URL: url }).jwt).toEqual({ ...SHARED, key: { kind: 'jwks', url } });
  });

  it.each<Environment>([{}, { AUTH_JWT_SECRET: ' ', AUTH_JWKS_URL: '' }, given])('may be absent: %j', (environment) => {
    expect('jwt' in read(environment)).toBe(false);
  });

  it('counts bytes, not characters', () => {
    expect(faultsOf({ ...given, AUTH_JWT_SECRET: 'ж'.repeat(16) })).toEqual([]);
    expect(faultsOf({ ...given, AUTH_JWT_SECRET: `${'ж'.repeat(15)}x` })).toEqual([
      expect.stringMatching(/^AUTH_JWT_SECRET must have at least 32 bytes/),
    ]);
  });

  const LONG = 'hunter2'.repeat(5);

  it.each<[Environment, readonly string[]]>([
    [
      { AUTH_JWT_SECRET: 'hunter2hunter2' },
      ['AUTH_JWT_SECRET must have', 'AUTH_JWT_ISSUER is', 'AUTH_JWT_AUDIENCE is'],
    ],
    [{ AUTH_JWKS_URL: 'https://crm.example/jwks' }, ['AUTH_JWT_ISSUER is required', 'AUTH_JWT_AUDIENCE is required']],
    [
      { ...given, AUTH_JWT_SECRET: LONG, AUTH_JWKS_URL: 'https://crm.example/jwks' },
      ['AUTH_JWKS_URL cannot be combined'],
    ],
    [{ ...given, AUTH_JWKS_URL: 'crm.example/jwks' }, ['AUTH_JWKS_URL must be']],
    [{ ...given, AUTH_JWKS_URL: 'file:///etc/jwks.json' }, ['AUTH_JWKS_URL must be']],
    [{ ...given, AUTH_JWKS_URL: 'https://u:hunter2@crm.example/jwks' }, ['AUTH_JWKS_URL must not contain']],
  ])('names every fault of %j, and no secret', (environment, expected) => {
    const faults = faultsOf(environment);
    expect(faults).toEqual(expected.map((text) => expect.stringContaining(text)));
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { ApiKeyRow } from '../../src/auth/database/api-keys.repository.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/api-keys';

describe.each(DATABASES)('API keys on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it('are returned once, work within their scope, and stop working when they are revoked', async () => {
    const created = await service.call('POST', PATH, { body: { name: 'Campaigns', scope: 'read' } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.any(String),
      name: 'Campaigns',
      scope: 'read',
      connectionIds: null,
      hint: created.body.key.slice(-4),
      createdAt: expect.any(String),
      lastUsedAt: null,
      expiresAt: null,
      key: expect.stringMatching(/^sk_[A-Za-z0-9_-]{43}$/),
    });
    const { key: token, id } = created.body;
    expect((await service.call('GET', '/api/v1/connections', { token })).status).toBe(200);
    expect((await service.call('POST', '/api/v1/connections', { token, body: {} })).status).toBe(403);

    const listed = (await service.call('GET', PATH)).body.data.find((one: { id: string }) => one.id === id);
    expect(Object.keys(listed).toSorted()).toEqual([
      'connectionIds',
      'createdAt',
      'expiresAt',
      'hint',
      'id',
      'lastUsedAt',
      'name',
      'scope',
    ]);
    expect((await service.call('DELETE', `${PATH}/${String(id)}`)).status).toBe(204);
    expect((await service.call('GET', '/api/v1/connections', { token })).status).toBe(401);
    expect((await service.call('DELETE', `${PATH}/${String(id)}`)).status).toBe(404);
  });

  it.each([
    [{ name: 'A' }, '/scope', 'required'],
    [{ name: 'A', scope: 'root' }, '/scope', 'not_an_option'],
    [{ scope: 'read' }, '/name', 'required'],
    [{ name: 'A\nB', scope: 'read' }, '/name', 'control_character'],
    [{ name: 'A', scope: 'read', organization: 'other' }, '/organization', 'unknown_field'],
    [{ name: 'A', scope: 'read', connectionIds: [] }, '/connectionIds', 'required'],
    [{ name: 'A', scope: 'read', connectionIds: 'all' }, '/connectionIds', 'wrong_type'],
    [{ name: 'A', scope: 'read', connectionIds: ['*'] }, '/connectionIds/0', 'not_found'],
    [{ name: 'A', scope: 'read', connectionIds: Array(101).fill('*') }, '/connectionIds', 'too_many'],
    [{ name: 'A', scope: 'read', expiresAt: 'soon' }, '/expiresAt', 'invalid_time'],
    [{ name: 'A', scope: 'read', expiresAt: 1_900_000_000 }, '/expiresAt', 'invalid_time'],
    [{ name: 'A', scope: 'read', expiresAt: '2027-02-30T00:00:00Z' }, '/expiresAt', 'invalid_time'],
    [{ name: 'A', scope: 'read', expiresAt: '9999-12-31T23:59:59-01:00' }, '/expiresAt', 'invalid_time'],
    [{ name: 'A', scope: 'read', expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt', 'not_in_future'],
  ])('rejects %j', async (body, pointer, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
  });

  it('rejects an expired key with 401, also in a session opened with it, and does not count it as a guess', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await service.call('POST', PATH, { body: { name: 'Short', scope: 'read', expiresAt } });
    expect(body.expiresAt).toBe(expiresAt);
    const token = service.watch(body.key);
    service.responses.splice(0);
    const session = await service.call('GET', '/api/v1/session', { token });
    expect([session.status, session.body.expiresAt]).toEqual([200, expiresAt]);

    const opened = await fetch(`${service.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    // The session ends with the key, not after its usual 12 hours.
    expect([opened.status, await opened.json()]).toMatchObject([201, { expiresAt }]);

    await changeRow(body.id, { expiresAt: new Date(Date.now() - 1_000) });
    for (let attempt = 0; attempt < 25; attempt++) {
      const rejected = await service.call('GET', '/api/v1/session', { token });
      expect([rejected.status, rejected.body.detail]).toEqual([401, 'The API key has expired. Create a new one.']);
    }
    // It is listed until it is revoked, so that its owner sees why it fails.
    const listed = await find(body.id);
    expect(new Date(listed.expiresAt).getTime()).toBeLessThan(Date.now());
  });

  it('store when they were last used, at most once a minute', async () => {
    const { body } = await service.call('POST', PATH, { body: { name: 'Used', scope: 'read' } });
    const token = service.watch(body.key);
    service.responses.splice(0);
    const use = () => service.call('GET', '/api/v1/session', { token });
    const stored = async (isExpected: (at: string | null) => boolean): Promise<string> => {
      for (;;) {
        const { lastUsedAt } = await find(body.id);
        if (isExpected(lastUsedAt)) return String(lastUsedAt);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await Promise.all([use(), use(), use()]);
    const first = await stored((at) => at !== null);

    const recent = new Date(Date.now() - 50_000);
    await changeRow(body.id, { lastUsedAt: recent });
    await use();
    await service.app.get(UnitOfWork).write(async () => undefined);
    expect((await find(body.id)).lastUsedAt).toBe(recent.toISOString());

    await changeRow(body.id, { lastUsedAt: new Date(Date.now() - 70_000) });
    await use();
    const second = await stored((at) => at !== null && at >= first);
    expect(new Date(second).getTime()).toBeLessThanOrEqual(Date.now());
  });

  const find = async (id: string) =>
    (await service.call('GET', PATH)).body.data.find((one: { id: string }) => one.id === id);
  const changeRow = (id: string, change: Partial<ApiKeyRow>) =>
    service.app.get(UnitOfWork).write((tx) => tx.update(ApiKeyRow, { id }, change));

  it('are restricted to connections of their own organization', async () => {
    const body = smtpConnection(service.secret());
    const [own, foreign] = [
      await service.call('POST', '/api/v1/connections', { body }),
      await service.call('POST', '/api/v1/connections', { body, token: await service.tokenFor('umbrella') }),
    ];
    const create = (connectionIds: readonly string[]) =>
      service.call('POST', PATH, { body: { name: 'One', scope: 'send', connectionIds } });
    const refused = await create([own.body.id, foreign.body.id]);
    expect([refused.status, refused.body.errors]).toMatchObject([
      422,
      [{ pointer: '/connectionIds/1', code: 'not_found' }],
    ]);
    const created = await create([own.body.id]);
    expect(created.body.connectionIds).toEqual([own.body.id]);
    const token = service.watch(created.body.key);
    service.responses.splice(0);
    const session = await service.call('GET', '/api/v1/session', { token });
    expect(session.body.connectionIds).toEqual([own.body.id]);
    expect((await service.call('GET', `/api/v1/connections/${String(own.body.id)}`, { token })).status).toBe(200);
  });

  it('are not guessed: an address may fail 20 times a minute, and its valid keys are still accepted', async () => {
    const service = await TestService.start(await createDatabase(kind));
    const fresh = await service.tokenFor('default');
    const guess = async (token: string): Promise<number> => (await service.call('GET', PATH, { token })).status;
    // Side by side, some with the form of a key: none of them slips past the limit.
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_none, attempt) =>
        guess(attempt % 2 === 0 ? `sk_${String(attempt)}` : `sk_${String(attempt).padStart(43, 'x')}`),
      ),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 20 }, () => 401),
      ...Array.from({ length: 10 }, () => 429),
    ]);
    const limited = await service.call('GET', PATH, { token: 'sk_again' });
    expect([limited.status, limited.body.code]).toEqual([429, 'too_many_requests']);
    expect(limited.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.headers.get('ratelimit-policy')).toBe('"sign-in";q=20;w=60');
    expect(limited.headers.get('ratelimit')).toMatch(/^"sign-in";r=0;t=\d+$/);
    expect(await guess(fresh)).toBe(200);
    await service.stop();
    await service.database.drop();
  });

  it('that were revoked are not guesses', async () => {
    const service = await TestService.start(await createDatabase(kind));
    const created = await service.call('POST', PATH, { body: { name: 'Old', scope: 'read' } });
    await service.call('DELETE', `${PATH}/${String(created.body.id)}`);
    for (let attempt = 0; attempt < 25; attempt++) {
      expect((await service.call('GET', PATH, { token: created.body.key })).status).toBe(401);
    }
    await service.stop();
    await service.database.drop();
  });
});

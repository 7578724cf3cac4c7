import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

  it('are shown once, work with their right, and end at once', async () => {
    const created = await service.call('POST', PATH, { body: { name: 'Campaigns', scope: 'read' } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.any(String),
      name: 'Campaigns',
      scope: 'read',
      connectionIds: null,
      hint: created.body.key.slice(-4),
      createdAt: expect.any(String),
      key: expect.stringMatching(/^sk_[A-Za-z0-9_-]{43}$/),
    });
    const { key: token, id } = created.body;
    expect((await service.call('GET', '/api/v1/connections', { token })).status).toBe(200);
    expect((await service.call('POST', '/api/v1/connections', { token, body: {} })).status).toBe(403);

    const listed = (await service.call('GET', PATH)).body.data.find((one: { id: string }) => one.id === id);
    expect(Object.keys(listed).toSorted()).toEqual(['connectionIds', 'createdAt', 'hint', 'id', 'name', 'scope']);
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
  ])('refuse %j', async (body, pointer, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
  });

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

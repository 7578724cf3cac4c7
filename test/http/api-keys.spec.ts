import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { TestService } from '../support/service.ts';

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
      hint: created.body.key.slice(-4),
      createdAt: expect.any(String),
      key: expect.stringMatching(/^sk_[A-Za-z0-9_-]{43}$/),
    });
    const { key: token, id } = created.body;
    expect((await service.call('GET', '/api/v1/connections', { token })).status).toBe(200);
    expect((await service.call('POST', '/api/v1/connections', { token, body: {} })).status).toBe(403);

    const listed = (await service.call('GET', PATH)).body.data.find((one: { id: string }) => one.id === id);
    expect(Object.keys(listed).toSorted()).toEqual(['createdAt', 'hint', 'id', 'name', 'scope']);
    expect((await service.call('DELETE', `${PATH}/${String(id)}`)).status).toBe(204);
    expect((await service.call('GET', '/api/v1/connections', { token })).status).toBe(401);
    expect((await service.call('DELETE', `${PATH}/${String(id)}`)).status).toBe(404);
  });

  it.each([
    [{ name: 'A' }, '/scope', 'required'],
    [{ name: 'A', scope: 'root' }, '/scope', 'not_an_option'],
    [{ scope: 'read' }, '/name', 'required'],
    [{ name: 'A\nB', scope: 'read' }, '/name', 'control_character'],
    [{ name: 'A', scope: 'read', organisation: 'other' }, '/organisation', 'unknown_field'],
  ])('refuse %j', async (body, pointer, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
  });

  it('are not guessed: after twenty failures an address waits, while a token that was good goes on', async () => {
    const service = await TestService.start(await createDatabase(kind));
    expect((await service.call('GET', PATH)).status).toBe(200);
    const fresh = await service.tokenFor('default');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 25; attempt++) {
      statuses.push((await service.call('GET', PATH, { token: `sk_${String(attempt)}` })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), ...Array.from({ length: 5 }, () => 429)]);
    const limited = await service.call('GET', PATH, { token: fresh });
    expect([limited.status, limited.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await service.call('GET', PATH)).status).toBe(200);
    await service.stop();
    await service.database.drop();
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/connections';

describe.each(ANY_DATABASE)('connections over HTTP on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const create = async (settings?: object) =>
    service.call('POST', PATH, { body: smtpConnection(service.secret(), settings as Record<string, unknown>) });

  it('creates one, and shows it without its secret', async () => {
    const password = service.secret();
    const created = await service.call('POST', PATH, { body: smtpConnection(password) });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`${PATH}/${created.body.id}`);
    expect(created.headers.get('etag')).toMatch(/^"1\.[\w-]{16}"$/);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'Relay',
      vendor: 'smtp',
      settings: {
        host: 'mail.sender.example',
        port: 587,
        secure: true,
        authentication: 'password',
        username: 'relay',
        tlsMode: 'auto',
        maxConnections: 5,
      },
      secrets: { password: { set: true, hint: password.slice(-4), updatedAt: created.body.createdAt } },
      fromEmail: 'news@sender.example',
      fromName: 'News',
      senders: [{ email: 'news@sender.example', name: 'News' }],
      allowedSenderDomains: [],
      checkSuppressions: true,
      limits: null,
      allowance: null,
      mode: 'live',
      redirectTo: null,
      enabled: true,
      disabledAt: null,
      lastTest: null,
      webhook: { supported: false, url: null, state: 'unsupported', lastEventAt: null },
      usages: { total: 0, active: 0 },
      createdAt: expect.any(String),
      updatedAt: created.body.createdAt,
      version: 1,
    });
    const read = await service.call('GET', `${PATH}/${created.body.id}`);
    expect(read.body).toEqual(created.body);
    expect(read.headers.get('etag')).toBe(created.headers.get('etag'));
  });

  it('changes what is given, keeps what is absent and clears what is null', async () => {
    const { body } = await create();
    const path = `${PATH}/${body.id}`;
    const patched = await service.call('PATCH', path, {
      headers: { 'if-match': '"1"' },
      body: { name: 'Renamed', fromName: null },
    });
    expect(patched.status).toBe(200);
    expect(patched.headers.get('etag')).toMatch(/^"2\./);
    expect(patched.body).toEqual({
      ...body,
      name: 'Renamed',
      fromName: null,
      senders: [{ email: 'news@sender.example' }],
      version: 2,
      updatedAt: patched.body.updatedAt,
    });
  });

  it('refuses a change to a version that is no longer there, and names the current one', async () => {
    const { body } = await create();
    const path = `${PATH}/${body.id}`;
    await service.call('PATCH', path, { body: { name: 'First' } });
    for (const method of ['PATCH', 'DELETE']) {
      const stale = await service.call(method, path, { headers: { 'if-match': '"1"' }, body: { name: 'Second' } });
      expect(stale.status).toBe(412);
      expect(stale.headers.get('etag')).toBe('"2"');
      expect(stale.body.code).toBe('version_mismatch');
    }
    expect((await service.call('GET', path)).body.name).toBe('First');
    const odd = await service.call('PATCH', path, { headers: { 'if-match': 'W/"2"' }, body: { name: 'Third' } });
    expect([odd.status, odd.body.code]).toEqual([400, 'invalid_query']);
  });

  it('asks for the secrets anew when what changes decides where they are sent', async () => {
    const { body } = await create();
    const path = `${PATH}/${body.id}`;
    const changes = [
      { host: 'other.example' },
      { port: 2525 },
      { secure: false },
      { username: 'x' },
      { tlsMode: 'starttls' },
    ];
    for (const settings of changes) {
      const refused = await service.call('PATCH', path, { body: { settings } });
      expect(refused.status).toBe(422);
      expect(refused.body.errors).toEqual([
        {
          pointer: '/settings/password',
          code: 'secret_required',
          message: expect.stringContaining('Enter Password again'),
        },
      ]);
    }
    const given = await service.call('PATCH', path, {
      body: { settings: { host: 'other.example', password: service.secret() } },
    });
    expect([given.status, given.body.settings.host]).toEqual([200, 'other.example']);
    const harmless = await service.call('PATCH', path, { body: { settings: { heloName: 'crm.sender.example' } } });
    expect(harmless.status).toBe(200);
  });

  it.each(['********', '••••••••', '••••3f9c', '…3f9c'])('refuses the mask %s as a secret', async (mask) => {
    const { body } = await create();
    const refused = await service.call('PATCH', `${PATH}/${body.id}`, { body: { settings: { password: mask } } });
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ pointer: '/settings/password', code: 'secret_masked' }]);
  });

  it('takes one out of use', async () => {
    const { body } = await create();
    const path = `${PATH}/${body.id}`;
    expect((await service.call('DELETE', path)).status).toBe(204);
    for (const [method, suffix] of [
      ['GET', ''],
      ['DELETE', ''],
      ['PATCH', ''],
      ['POST', '/test'],
      ['GET', '/tests'],
    ] as const) {
      const gone = await service.call(method, path + suffix, method === 'PATCH' ? { body: { name: 'x' } } : {});
      expect([method, suffix, gone.status]).toEqual([method, suffix, 404]);
    }
    const list = await service.call('GET', `${PATH}?limit=100`);
    expect(list.body.data.map((one: { id: string }) => one.id)).not.toContain(body.id);
  });

  it('lists page by page, and finds by vendor and text', async () => {
    const token = await service.tokenFor('pages');
    const names = ['Alpha', 'Beta 100%', 'Gamma', 'delta_x', 'Epsilon'];
    for (const name of names) {
      await service.call('POST', PATH, { token, body: { ...smtpConnection(service.secret()), name } });
    }
    const seen: string[] = [];
    let path: string | null = `${PATH}?limit=2`;
    while (path !== null) {
      const page: { data: { name: string }[]; nextCursor: string | null } = (await service.call('GET', path, { token }))
        .body;
      seen.push(...page.data.map((one) => one.name));
      path = page.nextCursor === null ? null : `${PATH}?limit=2&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(names.toReversed());

    const found = async (query: string): Promise<string[]> =>
      (await service.call('GET', `${PATH}?${query}`, { token })).body.data.map((one: { name: string }) => one.name);
    expect(await found('search=ALPHA')).toEqual(['Alpha']);
    expect(await found('search=0%25')).toEqual(['Beta 100%']);
    expect(await found('search=_')).toEqual(['delta_x']);
    expect(await found('search=sender.example')).toHaveLength(5);
    expect(await found('vendor=smtp')).toHaveLength(5);
    expect(await found('vendor=sendgrid')).toEqual([]);
  });
});

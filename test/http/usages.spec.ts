import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '../../src/auth/api-keys.service.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { HELLO, send } from '../support/sending.ts';
import { type Answer, TestService } from '../support/service.ts';

const RUNNING = { name: 'Spring sale', status: 'running' };

describe.each(ANY_DATABASE)('usages over HTTP on %s', (kind) => {
  let service: TestService;
  let hook: SendgridWebhook;
  let path: string;

  beforeAll(async () => {
    // Nothing listens there.
    const vendorEndpoints = { sendgrid: 'http://127.0.0.1:1' };
    service = await TestService.start(await createDatabase(kind), { vendorEndpoints });
  });

  beforeEach(async () => {
    hook = await SendgridWebhook.create(service);
    path = `/api/v1/connections/${hook.id}`;
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const claim = (usage: string, body: unknown = RUNNING): Promise<Answer<any>> =>
    service.call('PUT', `${path}/usages/${usage}`, { body });
  const remove = (what = ''): Promise<Answer<any>> => service.call('DELETE', path + what);

  it('are claimed, read, changed and released', async () => {
    const claimed = await claim('campaign/42');
    expect([claimed.status, claimed.body]).toEqual([
      201,
      {
        consumer: 'campaign',
        ref: '42',
        name: 'Spring sale',
        status: 'running',
        active: true,
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        updatedAt: claimed.body.createdAt,
      },
    ]);
    const again = await claim('campaign/42');
    expect([again.status, again.body]).toEqual([200, claimed.body]);
    expect((await claim('journey/42', { name: 'Welcome', status: 'draft' })).status).toBe(201);
    const { data } = (await service.call('GET', `${path}/usages`)).body;
    expect(data).toHaveLength(2);
    expect(data).toContainEqual(claimed.body);
    expect((await service.call('GET', path)).body.usages).toEqual({ total: 2, active: 1 });
    const list = await service.call('GET', '/api/v1/connections?limit=100');
    expect(list.body.data.find(({ id }: { id: string }) => id === hook.id).usages).toEqual({ total: 2, active: 1 });
    expect((await remove('/usages/journey/42')).status).toBe(204);
    expect((await remove('/usages/journey/42')).status).toBe(204);
    expect((await service.call('GET', `${path}/usages`)).body.data).toEqual([claimed.body]);
  });

  it('keep a connection from being deleted, and are named', async () => {
    await claim('campaign/42');
    await claim('journey/7', { name: 'Welcome', status: 'paused' });
    await claim('campaign/43', { name: 'Last year', status: 'completed' });
    const refused = await remove();
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: 'connection_in_use',
      detail: expect.stringContaining('2 campaigns and journeys'),
      usages: [
        { consumer: 'campaign', ref: '42', name: 'Spring sale', status: 'running' },
        { consumer: 'journey', ref: '7', name: 'Welcome', status: 'paused' },
      ],
    });
    expect(Object.keys(refused.body.usages[0]).toSorted()).toEqual(['consumer', 'name', 'ref', 'status']);
    expect((await service.call('GET', path)).status).toBe(200);
  });

  it.each([
    ['released', () => remove('/usages/campaign/42')],
    ['completed', () => claim('campaign/42', { ...RUNNING, status: 'completed' })],
  ])('let it go once they are %s, and a complaint that comes afterwards is still stored', async (_how, end) => {
    await claim('campaign/42');
    expect((await remove()).status).toBe(409);
    expect([200, 204]).toContain((await end()).status);
    expect((await remove()).status).toBe(204);
    const late = await claim('campaign/42');
    expect([late.status, late.body.code]).toEqual([404, 'not_found']);
    expect((await hook.post([vendorEvent('spamreport')])).body).toEqual({ accepted: 1, duplicates: 0 });
  });

  it('keep a connection from being disabled, which tests and its webhook still reach when it is', async () => {
    const disable = () => service.call('POST', `${path}/disable`, { headers: { 'if-match': '*' } });
    await claim('campaign/42');
    expect(await disable()).toMatchObject({
      status: 409,
      body: { code: 'connection_in_use', usages: [{ ref: '42', name: 'Spring sale' }] },
    });
    await remove('/usages/campaign/42');
    const disabled = await disable();
    expect(disabled).toMatchObject({ status: 200, body: { enabled: false, disabledAt: expect.any(String) } });
    expect(disabled.headers.get('etag')).toMatch(new RegExp(`^"${String(disabled.body.version)}\\.`));
    const refused = { status: 409, body: { code: 'connection_disabled' } };
    expect(await claim('campaign/42')).toMatchObject(refused);
    const from = { email: 'news@sender.example' };
    expect(await send(service, path, { ...HELLO, from })).toMatchObject(refused);
    expect((await service.call('POST', `${path}/test`)).status).toBe(200);
    expect((await hook.post([vendorEvent('delivered')])).body).toEqual({ accepted: 1, duplicates: 0 });
    const listed = async (enabled: boolean): Promise<boolean> => {
      const { body } = await service.call('GET', `/api/v1/sender-defaults?limit=100&enabled=${String(enabled)}`);
      return body.data.some((one: any) => one.id === hook.id && one.enabled === enabled);
    };
    expect([await listed(true), await listed(false)]).toEqual([false, true]);
    const enabled = await service.call('POST', `${path}/enable`);
    expect(enabled).toMatchObject({ status: 200, body: { enabled: true, disabledAt: null } });
    expect([await listed(true), await listed(false)]).toEqual([true, false]);
    expect((await claim('campaign/42')).status).toBe(201);
  });

  it('are moved to another connection, which can then be deleted', async () => {
    const other = await SendgridWebhook.create(service);
    const move = (to: unknown, token?: string) =>
      service.call('POST', `${path}/move-usages`, { body: { to }, ...(token !== undefined && { token }) });
    await claim('campaign/42');
    const send = await service.tokenFor('default', 'send');
    expect((await move(other.id, send)).status).toBe(403);
    const { key } = await service.app
      .get(ApiKeysService)
      .create({ organization: 'default', actor: 'test' }, { name: 'One', scope: 'manage', connectionIds: [hook.id] });
    expect(await move(other.id, service.watch(key))).toMatchObject({ status: 404, body: { code: 'not_found' } });
    await service.call('POST', `/api/v1/connections/${other.id}/disable`);
    expect(await move(other.id)).toMatchObject({ status: 409, body: { code: 'connection_disabled' } });
    await service.call('POST', `/api/v1/connections/${other.id}/enable`);
    expect(await move(hook.id)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/to' }] } });
    const moved = await move(other.id);
    expect([moved.status, moved.body.data]).toMatchObject([200, [{ ref: '42', status: 'running', active: true }]]);
    expect((await remove()).status).toBe(204);
    expect((await service.call('DELETE', `/api/v1/connections/${other.id}`)).status).toBe(409);
  });

  it('are checked before a launch', async () => {
    const send = await service.tokenFor('launching', 'send');
    const check = (body?: unknown) => service.call('POST', '/api/v1/launch-check', { token: send, body });
    expect(await check()).toMatchObject({
      status: 200,
      body: { ready: false, problems: [{ code: 'no_usable_connection', connectionId: null }] },
    });
    const own = await SendgridWebhook.create(service, await service.tokenFor('launching'));
    expect((await check()).body).toEqual({ ready: true, problems: [] });
    expect((await check({ connectionIds: [own.id, hook.id], fromEmail: 'a@b.example' })).body.problems).toEqual([
      {
        code: 'sender_unverified',
        severity: 'error',
        connectionId: own.id,
        message: expect.stringContaining('a@b.example'),
      },
      { code: 'connection_not_found', severity: 'error', connectionId: hook.id, message: expect.any(String) },
    ]);
    const read = await service.tokenFor('launching', 'read');
    expect((await service.call('POST', '/api/v1/launch-check', { token: read })).status).toBe(403);
  });

  it('may be named by any visible ASCII', async () => {
    const refs = ['%2f%', '?a=b&c#d', '\\back\\', ';,:@+$', '"<>`{|}^\'', '...', '%'.repeat(64), '()*!~_-[]'];
    for (const ref of refs) {
      const encoded = `campaign/${encodeURIComponent(ref)}`;
      expect((await claim(encoded)).body.ref).toBe(ref);
      expect((await claim(encoded)).status).toBe(200);
      expect((await remove(`/usages/${encoded}`)).status).toBe(204);
    }
    expect((await service.call('GET', path)).body.usages.total).toBe(0);
  });

  it.each([
    ['campaign/a%2Fb', RUNNING, ['/ref invalid']],
    ['campaign/a%20b', RUNNING, ['/ref invalid']],
    ['campaign/%C3%A9', RUNNING, ['/ref invalid']],
    [`campaign/${'x'.repeat(65)}`, RUNNING, ['/ref invalid']],
    ['segment/42', RUNNING, ['/consumer not_an_option']],
    ['Campaign/42', RUNNING, ['/consumer not_an_option']],
    ['campaign/42', {}, ['/name required', '/status required']],
    ['campaign/42', { name: 'A', status: 'archived' }, ['/status not_an_option']],
    ['campaign/42', [], [' wrong_type']],
  ])('refuse %s %j with every fault of it', async (usage, body, faults) => {
    const refused = await claim(usage, body);
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid_input']);
    const found = refused.body.errors.map(
      (fault: { pointer: string; code: string }) => `${fault.pointer} ${fault.code}`,
    );
    expect(found).toEqual(faults);
  });

  it('say which statuses there are to whoever knows another one', async () => {
    const refused = await claim('campaign/42', { name: 'A', status: 'archived' });
    expect(refused.body.errors[0].message).toBe(
      'Status must be one of "draft", "scheduled", "running", "paused", "completed", "canceled", "failed", "stopped".',
    );
  });

  it('are read with the right read, and written with the right send', async () => {
    const [read, send] = [await service.tokenFor('default', 'read'), await service.tokenFor('default', 'send')];
    const usage = `${path}/usages/campaign/42`;
    expect((await service.call('PUT', usage, { token: read, body: RUNNING })).status).toBe(403);
    expect((await service.call('PUT', usage, { token: send, body: RUNNING })).status).toBe(201);
    expect((await service.call('GET', `${path}/usages`, { token: read })).body.data).toHaveLength(1);
    expect((await service.call('DELETE', usage, { token: read })).status).toBe(403);
    expect((await service.call('DELETE', usage, { token: send })).status).toBe(204);
    expect((await service.call('DELETE', path, { token: send })).status).toBe(403);
    for (const action of ['disable', 'enable']) {
      expect((await service.call('POST', `${path}/${action}`, { token: send })).status).toBe(403);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { httpServer, type LoopbackServer } from '@score-crm/adapter-kit/testing';
import { WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { counted } from '../support/counted.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { newId, SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PUBLIC_URL = 'https://connections.example';

describe.each(ANY_DATABASE)('the webhook of a connection on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind), { publicUrl: PUBLIC_URL });
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const webhookOf = async (id: string, token?: string): Promise<any> =>
    (await service.call('GET', `/api/v1/connections/${id}/webhook`, token === undefined ? {} : { token })).body;
  const now = (): number => Math.floor(Date.now() / 1000);

  it('has a URL and the vendor’s steps with it', async () => {
    const hook = await SendgridWebhook.create(service);
    const url = `${PUBLIC_URL}/webhooks/v2/sendgrid/${hook.id}`;
    const connection = (await service.call('GET', `/api/v1/connections/${hook.id}`)).body;
    expect(connection.webhook).toEqual({ supported: true, url, state: 'waiting', lastEventAt: null });
    const webhook = await webhookOf(hook.id);
    expect(webhook).toMatchObject({
      url,
      address: url,
      state: 'waiting',
      lastReceivedAt: null,
      unauthenticatedReason: null,
    });
    expect(webhook.setupInstructions.length).toBeGreaterThan(3);
    expect(webhook.setupInstructions.flatMap(({ value }: any) => value ?? [])).toContain(url);
    // Whoever may only look sees it too: there is no secret in it.
    expect(await webhookOf(hook.id, await service.tokenFor('default', 'read'))).toEqual(webhook);
  });

  it('tells what became of what was posted to it', async () => {
    const hook = await SendgridWebhook.create(service);
    const state = async (): Promise<unknown> => (await webhookOf(hook.id)).state;

    const refused = await hook.postAs('[]', new WebhookSigner().headersFor(Buffer.from('[]')));
    expect(refused.status).toBe(401);
    // Anyone can send that.
    expect(await webhookOf(hook.id)).toMatchObject({
      state: 'waiting',
      unauthenticatedReason: 'invalid',
      lastUnauthenticatedAt: expect.any(String),
      lastReceivedAt: null,
    });

    expect((await hook.post([])).status).toBe(200);
    expect(await webhookOf(hook.id)).toMatchObject({
      state: 'receiving',
      lastReceivedAt: expect.any(String),
      lastEventAt: null,
    });

    expect((await hook.post([vendorEvent('delivered')])).status).toBe(200);
    const listed = (await service.call('GET', '/api/v1/connections?limit=1')).body.data[0];
    expect(listed).toMatchObject({ id: hook.id, webhook: { state: 'receiving', lastEventAt: expect.any(String) } });

    expect((await hook.postSigned('{"half')).body.code).toBe('delivery_rejected');
    expect(await webhookOf(hook.id)).toMatchObject({
      state: 'failing',
      lastRejectedAt: expect.any(String),
      unauthenticatedReason: 'invalid',
    });
    // What anyone can send does not hide it.
    expect((await hook.postAs('[]', {})).body.code).toBe('missing_signature');
    expect(await state()).toBe('failing');
    expect(service.logs.filter((line) => line.includes('Rejected delivery') && line.includes(hook.id))).toHaveLength(1);
    expect((await hook.post([vendorEvent('delivered')])).status).toBe(200);
    expect(await state()).toBe('receiving');

    expect((await hook.postAs('[]', {})).body.code).toBe('missing_signature');
    expect(await webhookOf(hook.id)).toMatchObject({ state: 'receiving', unauthenticatedReason: 'missing' });

    const settings = { webhookSigningKey: service.watch(new WebhookSigner().publicKey) };
    await service.call('PATCH', `/api/v1/connections/${hook.id}`, { body: { settings } });
    expect(await state()).toBe('receiving');
    await service.call('PATCH', `/api/v1/connections/${hook.id}`, { body: { settings: { webhookSigningKey: null } } });
    expect(await state()).toBe('not_set_up');
  });

  it('is still known after a restart', async () => {
    const database = await createDatabase(kind);
    const first = await TestService.start(database);
    const hook = await SendgridWebhook.create(first);
    await hook.post([vendorEvent('open')]);
    await first.stop();
    const second = await TestService.start(database);
    const { body } = await second.call('GET', `/api/v1/connections/${hook.id}`);
    await second.stop();
    await database.drop();
    expect(body.webhook).toMatchObject({ state: 'receiving', lastEventAt: expect.any(String) });
  });

  it('is none where the vendor has none', async () => {
    const { id } = (await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) })).body;
    expect(await webhookOf(id)).toMatchObject({
      supported: false,
      state: 'unsupported',
      url: null,
      setupInstructions: [],
    });
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await service.call(method, `/api/v1/connections/${String(id)}/webhook/registration`);
      expect([method, answer.status, answer.body.code]).toEqual([method, 422, 'registration_unsupported']);
    }
  });

  describe('its events', () => {
    it('are counted by kind, without those of others, of tests and of machines', async () => {
      const hook = await SendgridWebhook.create(service);
      const sent = { score_connection_id: hook.id };
      const event = (name: string, fields: object = {}): object => vendorEvent(name, { timestamp: now(), ...fields });
      await hook.post([
        ...Array.from({ length: 3 }, () => event('delivered', { ...sent, sg_message_id: `${newId()}.x` })),
        event('delivered', { sg_message_id: `${newId()}.x` }),
        event('delivered', { score_connection_id: 'another', sg_message_id: `${newId()}.x` }),
        event('delivered', { sg_message_id: '14c5d75ce93.filter', email: 'example@test.com' }),
        event('open', { ...sent, sg_machine_open: true }),
        event('open', { ...sent, sg_machine_open: false, timestamp: now() - 1 }),
        event('bounce', { ...sent, type: 'blocked', timestamp: now() - 40 * 86_400 }),
      ]);
      await counted(service.app);
      const stats = async (query = ''): Promise<any> =>
        (await service.call('GET', `/api/v1/connections/${hook.id}/stats${query}`)).body;
      const { from, to, counts } = await stats();
      expect(counts).toEqual({ delivered: 4, opened: 1 });
      // From the beginning of an hour.
      expect(Date.parse(from) % 3_600_000).toBe(0);
      expect(Math.floor((Date.parse(to) - Date.parse(from)) / 3_600_000)).toBe(30 * 24);
      expect((await stats('?days=60')).counts).toEqual({ delivered: 4, opened: 1, bounced: 1 });
    });

    it.each([
      'days=0',
      'days=401',
      'days=1.5',
      'days=x',
      'days=1&days=2',
      'days=1&from=2026-01-01T00:00:00Z',
      'interval=week',
      'since=1',
    ])('are not counted for ?%s', async (query) => {
      const hook = await SendgridWebhook.create(service);
      const answer = await service.call('GET', `/api/v1/connections/${hook.id}/stats?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_query']);
    });
  });
});

describe.each(ANY_DATABASE)('setting a webhook up at a vendor that fails, on %s', (kind) => {
  let service: TestService;
  let vendor: LoopbackServer;
  let answer: [status: number, headers?: Record<string, string>];

  beforeAll(async () => {
    vendor = await httpServer((_request, response) => response.writeHead(...answer).end('{"errors":[]}'));
    const vendorEndpoints = { sendgrid: vendor.url };
    service = await TestService.start(await createDatabase(kind), { publicUrl: PUBLIC_URL, vendorEndpoints });
  });
  afterAll(async () => {
    await service.stop();
    await vendor.close();
    await service.database.drop();
  });

  it.each<[[number, Record<string, string>?], number, string | null]>([
    [[401], 422, null],
    [[403], 422, null],
    [[429, { 'retry-after': '17' }], 429, '17'],
    [[500], 503, null],
    [[503], 503, null],
  ])('as %j is answered with %i: whose fault it is, and whether to try again', async (given, status, retryAfter) => {
    answer = given;
    const { id } = await SendgridWebhook.create(service);
    const path = `/api/v1/connections/${id}/webhook/registration`;
    const failed = await service.call('POST', path);
    expect([failed.status, failed.body.code]).toEqual([status, 'webhook_registration_failed']);
    expect([failed.body.error.status, failed.headers.get('retry-after')]).toEqual([given[0], retryAfter]);
  });

  it('is refused for a connection that there is not', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      for (const id of ['0199d3c8-7a00-7000-8000-000000000000', 'x'.repeat(150)]) {
        const { status } = await service.call(method, `/api/v1/connections/${id}/webhook/registration`);
        expect([method, status]).toEqual([method, 404]);
      }
    }
  });
});

describe.each(ANY_DATABASE)('the senders to choose from on %s', (kind) => {
  it('come with state and abilities', async () => {
    const service = await TestService.start(await createDatabase(kind));
    const body = { ...smtpConnection(service.secret()), fromEmail: 'news@sender.example', fromName: 'News' };
    const { id } = (await service.call('POST', '/api/v1/connections', { body })).body;
    const token = await service.tokenFor('default', 'read');
    const { data, nextCursor } = (await service.call('GET', '/api/v1/sender-defaults', { token })).body;
    expect(nextCursor).toBeNull();
    expect(data).toEqual([
      {
        id,
        name: body.name,
        vendor: 'smtp',
        fromEmail: 'news@sender.example',
        fromName: 'News',
        senders: [{ email: 'news@sender.example', name: 'News' }],
        allowedSenderDomains: [],
        enabled: true,
        state: 'untested',
        capabilities: expect.objectContaining({ tags: false, attachments: true }),
      },
    ]);
    expect((await service.call('GET', '/api/v1/sender-defaults?vendor=sendgrid', { token })).body.data).toEqual([]);
    const other = await service.tokenFor('umbrella', 'read');
    expect((await service.call('GET', '/api/v1/sender-defaults', { token: other })).body.data).toEqual([]);
    await service.stop();
    await service.database.drop();
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ReceivedWebhook,
  verified,
  WebhookReceiver,
} from '../../libs/connections/test/support/webhook-receiver.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const PATH = '/api/v1/webhook-endpoints';

describe.each(ANY_DATABASE)('webhook endpoints on %s', (kind) => {
  let service: TestService;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
    await receiver.stop();
  });

  /** The response shows the secret once. Afterwards it is nowhere. */
  const keep = (secret: string): string => {
    service.responses.splice(0);
    return service.watch(secret);
  };
  const messages = async (path: string): Promise<any[]> => (await service.call('GET', `${path}/messages`)).body.data;
  const delivered = async (path: string): Promise<any> => {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      const [message] = await messages(path);
      if (message?.state === 'delivered') return message;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('No message was delivered.');
  };

  it('receive the events that a vendor reports, signed, and list what was sent', async () => {
    const url = receiver.url('/events');
    const created = await service.call('POST', PATH, { body: { url, kinds: ['bounced'], description: 'Warehouse' } });
    expect([created.status, created.headers.get('location')]).toEqual([201, `${PATH}/${String(created.body.id)}`]);
    const { secret, ...endpoint } = created.body;
    keep(secret);
    const path = `${PATH}/${String(endpoint.id)}`;
    const hook = await SendgridWebhook.create(service);
    await hook.post([vendorEvent('delivered'), vendorEvent('bounce')]);
    const message = await delivered(path);
    const [webhook] = receiver.at('/events') as [ReceivedWebhook];
    expect(verified(secret, webhook)).toMatchObject({
      type: 'email.events',
      data: { events: [{ kind: 'bounced', connectionId: hook.id, vendor: 'sendgrid' }] },
    });
    expect(message).toMatchObject({ id: webhook.headers['webhook-id'], events: 1, attempts: [{ status: 204 }] });
    const { lastSuccessAt } = (await service.call('GET', path)).body;
    expect((await service.call('GET', PATH)).body).toEqual({ data: [{ ...endpoint, lastSuccessAt }] });

    const replayed = await service.call('POST', `${path}/messages/${String(message.id)}/replay`);
    expect([replayed.status, replayed.body.id]).toEqual([202, message.id]);
    await delivered(path);
    expect((await service.call('GET', `${path}/messages/${String(message.id)}`)).body.attempts).toHaveLength(2);
    const body = { from: message.createdAt, includeDelivered: true };
    expect((await service.call('POST', `${path}/replay`, { body })).body).toEqual({ messages: 1 });
    expect((await service.call('DELETE', path)).status).toBe(204);
    expect((await service.call('GET', path)).status).toBe(404);
  });

  it('are tested, rotated and disabled', async () => {
    const { body } = await service.call('POST', PATH, { body: { url: receiver.url('/test') } });
    const secret = keep(body.secret);
    const path = `${PATH}/${String(body.id)}`;
    const tested = await service.call('POST', `${path}/test`);
    expect([tested.status, tested.body]).toMatchObject([200, { type: 'webhook.test', attempts: [{ status: 204 }] }]);
    const [webhook] = receiver.at('/test') as [ReceivedWebhook];
    expect(verified(secret, webhook).type).toBe('webhook.test');

    const rotated = await service.call('POST', `${path}/rotate-secret`);
    expect([rotated.status, rotated.body.version]).toEqual([200, 2]);
    expect(keep(rotated.body.secret)).not.toBe(secret);
    const disabled = await service.call('PATCH', path, { body: { state: 'disabled' } });
    expect(disabled.body).toMatchObject({ state: 'disabled', stateReason: 'user', version: 3 });
    expect(disabled.body).not.toHaveProperty('secret');
    const id = String(tested.body.id);
    for (const [route, more] of [
      [`${path}/messages/${id}/replay`, {}],
      [`${path}/replay`, { body: { from: '2026-01-01T00:00:00Z' } }],
    ] as const) {
      const refused = await service.call('POST', route, more);
      expect([refused.status, refused.body.code]).toEqual([409, 'webhook_endpoint_disabled']);
    }
  });

  it('are changed with If-Match, and read with If-None-Match', async () => {
    const { body } = await service.call('POST', PATH, { body: { url: receiver.url('/tags') } });
    keep(body.secret);
    const path = `${PATH}/${String(body.id)}`;
    const read = await service.call('GET', path);
    const etag = read.headers.get('etag') ?? '';
    expect((await service.call('GET', path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const headers = { 'if-match': etag };
    const changed = await service.call('PATCH', path, { headers, body: { kinds: ['clicked'] } });
    expect([changed.status, changed.body.kinds, changed.headers.get('etag')]).toEqual([
      200,
      ['clicked'],
      expect.stringMatching(/^"2\./),
    ]);
    const stale = await service.call('PATCH', path, { headers, body: { kinds: null } });
    expect([stale.status, stale.body.code, stale.headers.get('etag')]).toEqual([412, 'version_mismatch', '"2"']);
    expect(stale.body.detail).toContain('The webhook endpoint has changed');
    expect((await service.call('DELETE', path, { headers })).status).toBe(412);
  });

  it.each([
    [{}, '/url', 'required'],
    [{ url: 'hooks.example.com' }, '/url', 'invalid'],
    [{ url: 'https://10.0.0.1/' }, '/url', 'address_forbidden'],
    [{ url: 'https://hooks.example.com/', kinds: [] }, '/kinds', 'required'],
    [{ url: 'https://hooks.example.com/', kinds: ['exploded'] }, '/kinds/0', 'not_an_option'],
    [{ url: 'https://hooks.example.com/', secret: 'whsec_mine' }, '/secret', 'unknown_field'],
    [{ url: 'https://hooks.example.com/', description: 'x'.repeat(201) }, '/description', 'too_long'],
  ])('reject %j', async (body, pointer, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect([answer.status, answer.body.errors]).toMatchObject([422, [{ pointer, code }]]);
  });

  it.each(['state=lost', 'cursor=x', 'limit=101'])('reject ?%s of a list of messages', async (query) => {
    const { body } = await service.call('GET', PATH);
    expect((await service.call('GET', `${PATH}/${String(body.data[0].id)}/messages?${query}`)).status).toBe(400);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '../../src/auth/api-keys.service.ts';
import { counted } from '../support/counted.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const HOUR_S = 3_600;

describe.each(ANY_DATABASE)('statistics on %s', (kind) => {
  let service: TestService;
  let one: SendgridWebhook;
  let other: SendgridWebhook;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
    [one, other] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
    const now = Math.floor(Date.now() / 1_000);
    await one.post([
      vendorEvent('delivered', { timestamp: now }),
      vendorEvent('delivered', { timestamp: now - 50 * HOUR_S }),
      vendorEvent('open', { timestamp: now, sg_machine_open: true }),
      vendorEvent('bounce', { timestamp: now, status: '5.1.1' }),
    ]);
    await other.post([vendorEvent('delivered', { timestamp: now })]);
    await counted(service.app);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const get = async (path: string, token = service.key): Promise<any> =>
    (await service.call('GET', `/api/v1${path}`, { token })).body;

  it('of a connection have every hour or day of the period', async () => {
    const hourly = await get(`/connections/${one.id}/stats?interval=hour&days=3`);
    expect(hourly).toMatchObject({
      interval: 'hour',
      counts: { delivered: 2, bounced: 1 },
      machineCounts: { opened: 1 },
      bounceClasses: { hard: 1 },
    });
    expect(hourly.buckets).toHaveLength(3 * 24 + 1);
    expect(hourly.buckets.at(-51).counts).toEqual({ delivered: 1 });
    const daily = await get(`/connections/${one.id}/stats?interval=day&days=365`);
    expect(daily.buckets).toHaveLength(366);
    expect(daily.counts).toEqual(hourly.counts);
    expect(daily.rates[2]).toMatchObject({ name: 'hardBounced', events: 1, base: 'outcomes', of: 3, rate: 1 / 3 });
    expect(Date.now() - Date.parse(daily.updatedTo)).toBeLessThan(60_000);
  });

  it('of the organization are those of all connections, or of those that the API key is restricted to', async () => {
    expect((await get('/stats')).counts).toEqual({ delivered: 3, bounced: 1 });
    const caller = { organization: 'default', actor: 'test' };
    const input = { name: 'Restricted', scope: 'read', connectionIds: [other.id] };
    const { key } = await service.app.get(ApiKeysService).create(caller, input as never);
    service.watch(key);
    expect((await get('/stats?interval=day', key)).counts).toEqual({ delivered: 1 });
    expect((await get('/stats', await service.tokenFor('globex'))).counts).toEqual({});
  });

  it('have the state of a message, whatever was received last', async () => {
    const sg_message_id = 'message-1.recvd-1';
    const at = (seconds: number) => ({ sg_message_id, timestamp: 1_755_444_161 + seconds });
    await one.post([vendorEvent('bounce', { ...at(60), status: '5.1.1' })]);
    await one.post([vendorEvent('delivered', at(30)), vendorEvent('processed', at(0))]);
    await one.post([vendorEvent('delivered', { ...at(10), email: 'bob@recipient.example' })]);
    const { data } = await get(`/connections/${one.id}/events?kind=bounced&limit=1`);
    const { events, states } = await get(`/connections/${one.id}/messages/${data[0].messageId}`);
    expect(events).toHaveLength(4);
    expect(states).toEqual([
      {
        recipient: 'ada@recipient.example',
        state: 'bounced',
        bounceClass: 'hard',
        since: data[0].occurredAt,
        eventId: data[0].id,
      },
      expect.objectContaining({ recipient: 'bob@recipient.example', state: 'delivered', bounceClass: null }),
    ]);
  });
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebhookStatusService } from '../../libs/connections/src/webhooks/webhook-status.service.ts';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';
import { API_VENDORS } from '../support/vendors.ts';

describe.each(ANY_DATABASE)('samples and the health of webhooks on %s', (kind) => {
  let service: TestService;
  let sandboxes: Sandboxes;

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 5 });
    service = await TestService.start(await createDatabase(kind), { vendorEndpoints: sandboxes.endpoints });
  });
  afterAll(async () => {
    await sandboxes.close();
    await service.stop();
    await service.database.drop();
  });

  const call = async (method: string, path: string, token?: string): Promise<any> =>
    service.call(method, path, token === undefined ? {} : { token });
  const webhookOf = async (id: string): Promise<any> => (await call('GET', `/api/v1/connections/${id}/webhook`)).body;
  const sample = async (id: string, token?: string): Promise<any> =>
    call('POST', `/api/v1/connections/${id}/webhook/sample`, token);

  /** A connection of a vendor, with its webhook secrets: the service generates those that it can. */
  async function connect(vendor: string): Promise<string> {
    const signingKeys: Readonly<Record<string, string>> = {
      sendgrid: new WebhookSigner().publicKey,
      mailgun: randomBytes(16).toString('hex'),
    };
    const key = signingKeys[vendor];
    const settings = {
      ...sandboxes.byVendor.get(vendor)?.settings,
      ...(key === undefined ? {} : { webhookSigningKey: service.watch(key) }),
    };
    const created = await service.call('POST', '/api/v1/connections', { body: { name: vendor, vendor, settings } });
    expect([vendor, created.status]).toEqual([vendor, 201]);
    return (created.body as { id: string }).id;
  }

  describe('the health', () => {
    const healthOf = async (id: string, token?: string): Promise<any> =>
      (await call('GET', `/api/v1/connections/${id}/webhook/health`, token)).body;
    const flush = async (): Promise<void> => service.app.get(WebhookStatusService)['flush']();

    it('is that of what was received: accepted, rejected by reason, and unreadable', async () => {
      const hook = await SendgridWebhook.create(service);
      expect(await healthOf(hook.id)).toMatchObject({ state: 'waiting', reason: null, lastEventAt: null });
      for (let count = 0; count < 10; count++) await hook.postAs('[]', {});
      await hook.postAs('[]', new WebhookSigner().headersFor(Buffer.from('[]')));
      await flush();
      expect(await healthOf(hook.id)).toMatchObject({
        state: 'unhealthy',
        reason: 'signature_failures',
        lastAuthenticatedAt: null,
        lastUnauthenticatedAt: expect.any(String),
        counts: { accepted: 0, events: 0, unauthenticated: { missing: 10, invalid: 1, malformed: 0 } },
      });
      await hook.post([vendorEvent('delivered'), vendorEvent('open')]);
      // No request of the vendor.
      await sample(hook.id);
      await flush();
      const health = await healthOf(hook.id, await service.tokenFor('default', 'read'));
      expect(health).toMatchObject({ state: 'healthy', reason: null, silenceHours: 6 });
      expect(health.counts).toMatchObject({ accepted: 1, rejected: 0, events: 2 });
      expect(health.eventsPerMinute).toBeGreaterThan(0);
      await hook.postSigned('{"half');
      await flush();
      const { reason, since, changes } = await healthOf(hook.id);
      expect([reason, changes[0]]).toEqual(['unreadable', { state: 'unhealthy', reason, changedAt: since }]);
      expect(changes.map((change: any) => change.state)).toEqual(['unhealthy', 'healthy', 'unhealthy', 'waiting']);
      expect(
        service.logs.filter((line) => line.includes(hook.id) && /fail authentication|cannot be read/.test(line)),
      ).toHaveLength(2);
    });

    it('is not shown to other organizations', async () => {
      const { id } = await SendgridWebhook.create(service);
      expect((await healthOf(id, await service.tokenFor('others'))).code).toBe('not_found');
    });
  });

  describe('a sample', () => {
    it.each(API_VENDORS)('of %s is stored as a test, by the webhook itself, and counted nowhere', async (vendor) => {
      const id = await connect(vendor);
      const before = await webhookOf(id);
      const { status, body } = await sample(id);
      expect([status, body.verdict, body.code, body.reason]).toEqual([200, 'accepted', null, null]);
      expect(body.events.map((event: any) => event.kind).toSorted()).toEqual(['bounced', 'delivered', 'opened']);
      expect(body.notExercised.map(({ code }: any) => code)).toEqual(
        vendor === 'sendgrid' ? ['network', 'vendor_signature'] : ['network'],
      );
      const events = (await call('GET', `/api/v1/connections/${id}/events`)).body.data;
      expect(events.map((event: any) => event.id).toSorted()).toEqual(
        body.events.map((event: any) => event.id).toSorted(),
      );
      for (const { attribution, recipient } of events) {
        expect([attribution, recipient]).toEqual(['test', expect.stringMatching(/@example\.com$/)]);
      }
      expect((await call('GET', `/api/v1/connections/${id}/stats`)).body.counts).toEqual({});
      expect(await webhookOf(id)).toEqual(before);
      const deliveries = (await call('GET', `/api/v1/connections/${id}/deliveries`)).body.data;
      expect(deliveries.map((one: any) => [one.status, one.duplicates])).toEqual(deliveries.map(() => ['accepted', 0]));
      // Another one is new, too.
      expect((await sample(id)).body.events).toHaveLength(3);
      expect((await call('GET', `/api/v1/connections/${id}/events`)).body.data).toHaveLength(6);
      const [entry] = (await call('GET', `/api/v1/audit?connection=${id}&limit=1`)).body.data;
      expect([entry.action, entry.fields]).toEqual(['webhook.sample', []]);
    });

    it('is not accepted by a webhook without a key', async () => {
      const { id } = await SendgridWebhook.create(service);
      await service.call('PATCH', `/api/v1/connections/${id}`, { body: { settings: { webhookSigningKey: null } } });
      const { status, body } = await sample(id);
      expect([status, body.verdict, body.code, body.events]).toEqual([200, 'unauthenticated', 'not_configured', []]);
      expect(body.reason).toMatch(/no key/);
      expect((await webhookOf(id)).unauthenticatedCount).toBe(0);
    });

    it('leaves the key of the connection as it is: nobody can post with that of a sample', async () => {
      const hook = await SendgridWebhook.create(service);
      expect((await sample(hook.id)).body.verdict).toBe('accepted');
      const forged = await hook.postAs('[]', {
        ...new WebhookSigner().headersFor(Buffer.from('[]')),
        'x-score-sample': randomBytes(32).toString('base64url'),
      });
      expect([forged.status, forged.body.code]).toEqual([401, 'invalid_signature']);
      expect((await hook.post([vendorEvent('delivered')])).body).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('needs the scope manage, a connection of the organization, and a vendor with webhooks', async () => {
      const { id } = await SendgridWebhook.create(service);
      expect((await sample(id, await service.tokenFor('default', 'send'))).body.code).toBe('forbidden');
      expect((await sample(id, await service.tokenFor('others'))).body.code).toBe('not_found');
      const smtp = await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
      const { status, body } = await sample((smtp.body as { id: string }).id);
      expect([status, body.code]).toEqual([422, 'sample_unsupported']);
    });
  });
});

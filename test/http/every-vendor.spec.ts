import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adapterIdentity } from '@score-crm/adapter-kit';
import type { VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { type Sandboxes, startSandboxes } from '@score-crm/sandbox';
import * as adapters from '../../src/adapters.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { closedPort } from '../support/raw-server.ts';
import { createConnection, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';

const VENDORS = Object.values<object>(adapters).map((adapter) => String(adapterIdentity(adapter)?.vendor));

/** What a vendor says of a message in the same way as of a test; the rest it only says when it is asked about the account. */
const TOLD_OF_MESSAGES = [
  'authentication_failed',
  'quota_exceeded',
  'rate_limited',
  'sender_not_verified',
  'temporarily_unavailable',
  'timeout',
];

describe.each(DATABASES)('every vendor on %s', (kind) => {
  let sandboxes: Sandboxes;
  let service: TestService;

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 1 });
    // The vendors must know where to post to before the service listens there.
    const port = await closedPort();
    service = await TestService.start(await createDatabase(kind), {
      port,
      publicUrl: `http://127.0.0.1:${String(port)}`,
      vendorEndpoints: sandboxes.endpoints,
      sendTimeoutMs: 2_500,
    });
  });

  afterAll(async () => {
    await service.stop();
    await sandboxes.close();
    await service.database.drop();
  });

  const sandboxOf = (vendor: string): VendorSandbox => sandboxes.byVendor.get(vendor) as VendorSandbox;

  /** A connection to a vendor, whose webhook is registered where it has one. */
  async function connect(vendor: string, changes: object = {}): Promise<string> {
    const settings: Record<string, unknown> = { ...sandboxOf(vendor).settings, ...changes };
    for (const name of ['apiKey', 'password']) if (name in settings) service.keepSecret(String(settings[name]));
    return createConnection(service, { name: vendor, vendor, fromEmail: 'news@sender.example', settings });
  }

  /** Registers the webhook for as long as the work takes. An account may have but one. @returns whether there is one */
  async function listening(path: string, work: () => Promise<void>): Promise<boolean> {
    const registered = await service.call('POST', `${path}/webhook/registration`);
    const hasWebhook = registered.body.code !== 'registration_unsupported';
    expect(registered.status).toBe(hasWebhook ? 200 : 422);
    await work();
    await sandboxes.settled();
    if (hasWebhook) expect((await service.call('DELETE', `${path}/webhook/registration`)).status).toBe(204);
    return hasWebhook;
  }

  it.each(VENDORS)('%s has its events back under the id that sending returned', async (vendor) => {
    const path = await connect(vendor);
    const names = ['ada', 'complaint'];
    const ids: string[] = [];
    const hasEvents = await listening(path, async () => {
      for (const name of names) {
        const { body } = await send(service, path, { ...HELLO, to: [{ email: `${name}@recipient.example` }] });
        ids.push(body.messageId);
      }
    });
    const events = await eventsOf(service, path);
    for (const [index, name] of names.entries()) {
      const own = events.filter(({ messageId }) => messageId === ids[index]);
      const kinds = new Set(own.map((event) => event.kind));
      expect(kinds).toContain('sent');
      expect(kinds.has('delivered')).toBe(hasEvents);
      expect(kinds.has('complained')).toBe(hasEvents && name === 'complaint');
      for (const event of own) {
        expect([event.recipient, event.origin]).toEqual([`${name}@recipient.example`, 'ours']);
        expect(event.metadata.score_message_id).toBe(own[0].metadata.score_message_id);
      }
    }
    // Beside them there is nothing but what the vendor made to try the webhook out.
    const others = events.filter(({ messageId }) => !ids.includes(messageId));
    expect(others.filter(({ origin }) => origin !== 'test')).toEqual([]);
  });

  it.each(VENDORS)('%s does not count what becomes of a test message', async (vendor) => {
    const path = await connect(vendor);
    const hasEvents = await listening(path, async () => {
      const test = await service.call('POST', `${path}/test`, { body: { to: ['tester@recipient.example'] } });
      expect(test.body.diagnosis.ok).toBe(true);
    });
    const events = await eventsOf(service, path, '&recipient=tester@recipient.example');
    expect(events.length > 0).toBe(hasEvents);
    expect(events.filter(({ origin }) => origin !== 'test')).toEqual([]);
    expect((await service.call('GET', `${path}/stats`)).body.counts).toEqual({});
  });

  it.each(VENDORS)(
    '%s says what is wrong, and nothing is kept of it',
    async (vendor) => {
      const { failures } = sandboxOf(vendor);
      expect(Object.keys(failures)).toContain('authentication_failed');
      for (const code of TOLD_OF_MESSAGES.filter((one) => Object.hasOwn(failures, one))) {
        const path = await connect(vendor, failures[code]);
        const answer = await send(service, path);
        expect([answer.body.code, answer.body.error?.code]).toEqual(['send_failed', code]);
        expect(await eventsOf(service, path)).toEqual([]);
      }
    },
    30_000,
  );
});

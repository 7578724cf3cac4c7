import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { AdapterRegistry } from '@score-crm/connections';
import { type Sandboxes, startSandboxes } from '@score-crm/sandbox';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { TestService } from '../support/service.ts';

const FOREIGN = 'https://other-system.example/hook';
const FROM = { fromEmail: 'news@sender.example', fromName: 'News' };
/** What becomes of a mail by its address, as every sandbox has it, and as it must be stored. */
const FATES = {
  bounce: ['bounced', 'hard'],
  softbounce: ['bounced', 'soft'],
  block: ['bounced', 'block'],
  complaint: ['complained', undefined],
  click: ['clicked', undefined],
  unsubscribe: ['unsubscribed', undefined],
} as const;

/** The whole way of each vendor, against its sandbox: every request and every post goes over HTTP or SMTP. */
describe.each(DATABASES)('each vendor on %s', (kind) => {
  let service: TestService;
  let sandboxes: Sandboxes;

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 5, verifiedSenders: ['@sender.example'] });
    const port = await freePort();
    service = await TestService.start(await createDatabase(kind), {
      port,
      publicUrl: `http://127.0.0.1:${String(port)}`,
      vendorEndpoints: sandboxes.endpoints,
    });
  });
  afterAll(async () => {
    await sandboxes.close();
    await service.stop();
    await service.database.drop();
  });

  const vendors = (): VendorSandbox[] => [...sandboxes.byVendor.values()];
  const withWebhooks = (): VendorSandbox[] =>
    vendors().filter(({ vendor }) => service.app.get(AdapterRegistry).get(vendor).adapter.webhooks !== undefined);
  const create = async ({ vendor, settings }: VendorSandbox): Promise<string> => {
    const body = { name: `${vendor} of the sandbox`, vendor, settings, ...FROM };
    const { status, body: created } = await service.call('POST', '/api/v1/connections', { body });
    expect([vendor, status, created.errors]).toEqual([vendor, 201, undefined]);
    return String(created.id);
  };
  const eventsOf = async (id: string, query = ''): Promise<any[]> =>
    (await service.call('GET', `/api/v1/connections/${id}/events?limit=100${query}`)).body.data;

  it('has a sandbox', () => {
    const registered = service.app.get(AdapterRegistry).vendors;
    expect([...sandboxes.byVendor.keys()].sort()).toEqual(registered);
    expect(registered.length).toBeGreaterThanOrEqual(4);
  });

  it('passes its test, and fails it as its sandbox is told to', async () => {
    for (const sandbox of vendors()) {
      const id = await create(sandbox);
      const ok = await service.call('POST', `/api/v1/connections/${id}/test`, {
        body: { to: ['ada@recipient.example'] },
      });
      expect([sandbox.vendor, ok.body.diagnosis]).toEqual([sandbox.vendor, expect.objectContaining({ ok: true })]);
      const failures = Object.entries(sandbox.failures).filter(([code]) => code !== 'timeout');
      expect(failures.length).toBeGreaterThan(0);
      for (const [code, settings] of failures) {
        const body = {
          vendor: sandbox.vendor,
          settings: { ...sandbox.settings, ...settings },
          ...FROM,
          to: ['ada@recipient.example'],
        };
        const failed = await service.call('POST', '/api/v1/connections/test', { body });
        expect([sandbox.vendor, code, failed.body.diagnosis?.error?.code]).toEqual([sandbox.vendor, code, code]);
      }
    }
  });

  it('registers its webhook, and every event carries the id that sending returned', async () => {
    for (const sandbox of withWebhooks()) {
      const { vendor } = sandbox;
      const id = await create(sandbox);
      const registered = await service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
      expect([vendor, registered.status, registered.body.code]).toEqual([vendor, 200, undefined]);
      expect(registered.body.registration).toMatchObject({ supported: true, registered: true });
      const status = await service.call('GET', `/api/v1/connections/${id}/webhook/registration`);
      expect([vendor, status.body]).toMatchObject([vendor, { state: 'registered', drift: [] }]);

      for (const [name, [kind, bounceClass]] of Object.entries(FATES)) {
        const to = `${name}@recipient.example`;
        const message = {
          to: [{ email: to }],
          subject: 'Welcome',
          text: 'Hello',
          html: '<a href="https://x.example">Hi</a>',
        };
        const sent = await service.call('POST', `/api/v1/connections/${id}/messages`, { body: message });
        expect([vendor, name, sent.status, sent.body.accepted]).toEqual([vendor, name, 202, [to]]);
        await sandbox.settled();
        const events = await eventsOf(id, `&recipient=${encodeURIComponent(to)}`);
        const kinds = events.map((event) => event.kind);
        expect([vendor, name, kinds]).toEqual([vendor, name, expect.arrayContaining(['sent', kind])]);
        const found = events.find((event) => event.kind === kind);
        expect([vendor, name, found.bounce?.class]).toEqual([vendor, name, bounceClass]);
        if (kind !== 'bounced')
          expect([vendor, name, kinds]).toEqual([vendor, name, expect.arrayContaining(['delivered'])]);
        if (name === 'click') expect([vendor, kinds]).toEqual([vendor, expect.arrayContaining(['opened'])]);
        for (const event of events) {
          expect([vendor, name, event.kind, event.messageId]).toEqual([vendor, name, event.kind, sent.body.messageId]);
          expect([vendor, name, event.kind, event.origin]).toEqual([vendor, name, event.kind, 'ours']);
        }
      }
      const connection = (await service.call('GET', `/api/v1/connections/${id}`)).body;
      expect([vendor, connection.webhook.state]).toEqual([vendor, 'receiving']);
    }
  });

  it('removes its registration at the vendor, and nothing else there', async () => {
    for (const sandbox of withWebhooks()) {
      const { vendor } = sandbox;
      const id = await create(sandbox);
      const before = sandbox.webhooks.map(({ url }) => url);
      const register = await service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
      // SMTP.com has one callback for each event: two connections of one channel are in each other's way, which is said.
      if (register.body.error?.code === 'webhook_conflict') {
        expect([vendor, sandbox.webhooks.map(({ url }) => url)]).toEqual([vendor, before]);
        continue;
      }
      expect([vendor, register.status]).toEqual([vendor, 200]);
      expect(sandbox.webhooks.length).toBeGreaterThan(before.length);
      expect(sandbox.webhooks.some(({ url }) => url.includes(id))).toBe(true);
      sandbox.addForeignWebhook?.(`${FOREIGN}/${vendor}`);
      const withForeign = sandbox.webhooks.map(({ url }) => url).filter((url) => !url.includes(id));
      const removed = await service.call('DELETE', `/api/v1/connections/${id}/webhook/registration`);
      expect([vendor, removed.status]).toEqual([vendor, 204]);
      expect([vendor, sandbox.webhooks.map(({ url }) => url).sort()]).toEqual([vendor, withForeign.sort()]);
      const status = await service.call('GET', `/api/v1/connections/${id}/webhook/registration`);
      expect([vendor, status.body.state]).toEqual([vendor, 'not_registered']);
      expect((await service.call('DELETE', `/api/v1/connections/${id}/webhook/registration`)).status).toBe(204);
    }
  });

  it('shows the secrets of its webhook to those who manage, and to nobody and nothing else', async () => {
    const token = await service.tokenFor('default', 'read');
    const shown = new Map<string, string[]>();
    for (const sandbox of withWebhooks()) {
      const id = await create(sandbox);
      const path = `/api/v1/connections/${id}/webhook`;
      const managed = (await service.call('GET', path)).body;
      const read = (await service.call('GET', path, { token })).body;
      const secrets = masked(managed, read);
      shown.set(sandbox.vendor, secrets);
      const page = JSON.stringify([read, (await service.call('GET', `/api/v1/connections/${id}`, { token })).body]);
      const dump = await service.database.dump();
      for (const secret of secrets) {
        expect([sandbox.vendor, page.includes(secret)]).toEqual([sandbox.vendor, false]);
        expect([sandbox.vendor, service.logs.some((line) => line.includes(secret))]).toEqual([sandbox.vendor, false]);
        expect([sandbox.vendor, dump.includes(secret)]).toEqual([sandbox.vendor, false]);
      }
      expect(JSON.stringify(managed)).not.toContain(String(sandbox.settings['apiKey']));
    }
    // Those that do not sign are proven by a secret, which a person must be able to copy.
    expect(shown.get('smtpcom')?.length).toBeGreaterThan(0);
    expect(shown.get('sparkpost')?.length).toBeGreaterThan(0);
    expect(shown.get('sendgrid')).toEqual([]);
  });
});

/** What stands in the one where the other has a mask. */
function masked(managed: unknown, read: unknown): string[] {
  if (typeof read === 'string' && typeof managed === 'string') {
    const [before = '', after] = read.split('********');
    if (after === undefined) return [];
    expect(managed.startsWith(before)).toBe(true);
    return [decodeURIComponent(/^[^&\s]*/.exec(managed.slice(before.length))?.[0] ?? '')];
  }
  if (typeof read !== 'object' || read === null) return [];
  return Object.entries(read).flatMap(([name, value]) => masked((managed as Record<string, unknown>)[name], value));
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { declaredFields } from '@score-crm/adapter-kit';
import type { VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { AdapterRegistry } from '@score-crm/connections';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { counted } from '../support/counted.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { createConnection, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { VENDORS } from '../support/vendors.ts';

const FOREIGN = 'https://other-system.example/hook';
const TESTER = 'tester@recipient.example';
/** What becomes of a mail by its address, as every sandbox has it, and as it must be stored. */
const FATES = {
  ada: ['delivered', undefined],
  bounce: ['bounced', 'hard'],
  softbounce: ['bounced', 'soft'],
  block: ['bounced', 'block'],
  complaint: ['complained', undefined],
  click: ['clicked', undefined],
  unsubscribe: ['unsubscribed', undefined],
  defer: ['deferred', undefined],
  drop: ['rejected', undefined],
} as const;
/** What a vendor says of a message in the same way as of a test; the rest it only says when it is asked about the account. */
const TOLD_OF_MESSAGES = [
  'authentication_failed',
  'quota_exceeded',
  'rate_limited',
  'sender_not_verified',
  'temporarily_unavailable',
  'timeout',
];

/** The whole way of each vendor, against its sandbox: every request and every post goes over HTTP or SMTP. */
describe.each(ANY_DATABASE)('every vendor on %s', (kind) => {
  let service: TestService;
  let sandboxes: Sandboxes;

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 1, verifiedSenders: ['@sender.example'] });
    // The vendors must know where to post to before the service listens there.
    const port = await freePort();
    service = await TestService.start(await createDatabase(kind), {
      port,
      publicUrl: `http://127.0.0.1:${String(port)}`,
      vendorEndpoints: sandboxes.endpoints,
      sendTimeoutMs: 2_500,
    });
  });
  afterAll(async () => {
    await sandboxes.close();
    await service.stop();
    await service.database.drop();
  });

  const sandboxOf = (vendor: string): VendorSandbox => sandboxes.byVendor.get(vendor) as VendorSandbox;
  const adapterOf = (vendor: string) => service.app.get(AdapterRegistry).get(vendor).adapter;
  const hasWebhooks = (vendor: string): boolean => adapterOf(vendor).webhooks !== undefined;
  const withWebhooks = (): VendorSandbox[] => VENDORS.filter(hasWebhooks).map(sandboxOf);

  /** The secrets of the account. Those of a webhook are shown to people who set it up by hand. */
  const secretsOf = (vendor: string, settings: Readonly<Record<string, unknown>>): string[] =>
    declaredFields(adapterOf(vendor).settings).flatMap(({ name, secret, inboundOnly }) => {
      const { [name]: value } = settings;
      return secret === true && inboundOnly !== true && typeof value === 'string' ? [value] : [];
    });

  /** A connection to a vendor. @returns its path */
  async function connect(vendor: string, changes: object = {}): Promise<string> {
    const settings: Record<string, unknown> = { ...sandboxOf(vendor).settings, ...changes };
    for (const secret of secretsOf(vendor, settings)) service.keepSecret(secret);
    const sender = { fromEmail: 'news@sender.example', fromName: 'News' };
    return createConnection(service, { name: `${vendor} of the sandbox`, vendor, settings, ...sender });
  }

  /** Registers the webhook for as long as the work takes. An account may have but one. @returns whether there is one */
  async function listening(path: string, work: () => Promise<void>): Promise<boolean> {
    const registered = await service.call('POST', `${path}/webhook/registration`);
    const hasWebhook = registered.body.code !== 'registration_unsupported';
    expect(registered.status).toBe(hasWebhook ? 200 : 422);
    if (hasWebhook) {
      expect(registered.body.registration).toMatchObject({ supported: true, registered: true });
      const status = await service.call('GET', `${path}/webhook/registration`);
      expect(status.body).toMatchObject({ state: 'registered', drift: [] });
    }
    await work();
    await sandboxes.settled();
    const log = await service.call('GET', `${path}/webhook/log`);
    const hasLog = registered.body.registration?.hasLog === true;
    expect([log.status, log.body.code]).toEqual(hasLog ? [200, undefined] : [422, 'webhook_log_unsupported']);
    if (hasWebhook) {
      expect((await service.call('GET', path)).body.webhook.state).toBe('receiving');
      expect((await service.call('DELETE', `${path}/webhook/registration`)).status).toBe(204);
    }
    return hasWebhook;
  }

  it('has a sandbox', () => {
    const registered = service.app.get(AdapterRegistry).vendors;
    expect([...sandboxes.byVendor.keys()].sort()).toEqual(registered);
    expect(VENDORS.toSorted()).toEqual(registered);
    expect(registered.length).toBeGreaterThanOrEqual(4);
  });

  it.each(VENDORS)('%s passes its test, of which nothing counts', async (vendor) => {
    const path = await connect(vendor);
    const hasEvents = await listening(path, async () => {
      const test = await service.call('POST', `${path}/test`, { body: { to: [TESTER] } });
      expect(test.body.diagnosis).toMatchObject({ ok: true });
    });
    const events = await eventsOf(service, path, `&recipient=${TESTER}`);
    expect(events.length > 0).toBe(hasEvents);
    expect(events.filter(({ attribution }) => attribution !== 'test')).toEqual([]);
    await counted(service.app);
    expect((await service.call('GET', `${path}/stats`)).body.counts).toEqual({});
  });

  it.each(VENDORS)('%s fails its test as its sandbox is told to', async (vendor) => {
    const sandbox = sandboxOf(vendor);
    const failures = Object.entries(sandbox.failures).filter(([code]) => code !== 'timeout');
    expect(failures.length).toBeGreaterThan(0);
    for (const [code, changes] of failures) {
      const settings = { ...sandbox.settings, ...changes };
      const body = { vendor, settings, fromEmail: 'news@sender.example', to: [TESTER] };
      const failed = await service.call('POST', '/api/v1/connections/test', { body });
      expect([code, failed.body.diagnosis?.error?.code]).toEqual([code, code]);
    }
  });

  it.each(VENDORS)('%s has its events back under the id that sending returned', async (vendor) => {
    const path = await connect(vendor);
    // The same addresses bounce at every vendor.
    expect((await service.call('PATCH', path, { body: { checkSuppressions: false } })).status).toBe(200);
    const { events: declared } = adapterOf(vendor).capabilities;
    // A mail server has no events, and refuses at once whom others bounce.
    const scenarios = Object.entries(FATES).filter(
      ([, [kind]]) => declared.includes(kind) || (!hasWebhooks(vendor) && ['delivered', 'clicked'].includes(kind)),
    );
    const ids = new Map<string, string>();
    const hasEvents = await listening(path, async () => {
      for (const [name] of scenarios) {
        const to = `${name}@recipient.example`;
        const html = '<a href="https://x.example">Hi</a>';
        const sent = await send(service, path, { ...HELLO, html, to: [{ email: to }] });
        expect([name, sent.status, sent.body.accepted]).toEqual([name, 202, [to]]);
        ids.set(name, sent.body.messageId);
      }
    });
    const events = await eventsOf(service, path);
    for (const [name, [kind, bounceClass]] of scenarios) {
      const own = events.filter(({ messageId }) => messageId === ids.get(name));
      const kinds = own.map((event) => event.kind);
      const isRefused = kind === 'bounced' || kind === 'rejected';
      const passed = ['sent', ...(isRefused ? [] : ['delivered']), ...(name === 'click' ? ['opened'] : [])];
      if (hasEvents) expect([name, kinds]).toEqual([name, expect.arrayContaining([...passed, kind])]);
      else expect([name, kinds]).toEqual([name, ['sent']]);
      for (const [other] of Object.values(FATES)) {
        if (other !== kind && !passed.includes(other)) expect(kinds).not.toContain(other);
      }
      for (const event of own) {
        if (event.kind === kind && bounceClass !== undefined)
          expect([name, event.bounce?.class]).toEqual([name, bounceClass]);
        expect([event.kind, event.recipient, event.attribution]).toEqual([
          event.kind,
          `${name}@recipient.example`,
          'own',
        ]);
        expect(event.metadata.score_message_id).toBe(own[0].metadata.score_message_id);
      }
    }
    // Beside them there is nothing but what the vendor made to try the webhook out.
    const others = events.filter(({ messageId }) => ![...ids.values()].includes(messageId));
    expect(others.filter(({ attribution }) => attribution !== 'test')).toEqual([]);
  });

  it.each(VENDORS)('%s says what is wrong with a message, and nothing is kept of it', async (vendor) => {
    const { failures } = sandboxOf(vendor);
    expect(Object.keys(failures)).toContain('authentication_failed');
    for (const code of TOLD_OF_MESSAGES.filter((one) => Object.hasOwn(failures, one))) {
      const path = await connect(vendor, failures[code]);
      const answer = await send(service, path);
      expect([answer.body.code, answer.body.error?.code]).toEqual(['send_failed', code]);
      expect(await eventsOf(service, path)).toEqual([]);
    }
  });

  it('removes its registration at the vendor, and nothing else there', async () => {
    for (const sandbox of withWebhooks()) {
      const { vendor } = sandbox;
      const path = await connect(vendor);
      const id = path.slice(path.lastIndexOf('/') + 1);
      const before = sandbox.webhooks.map(({ url }) => url);
      const register = await service.call('POST', `${path}/webhook/registration`);
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
      const removed = await service.call('DELETE', `${path}/webhook/registration`);
      expect([vendor, removed.status]).toEqual([vendor, 204]);
      expect([vendor, sandbox.webhooks.map(({ url }) => url).sort()]).toEqual([vendor, withForeign.sort()]);
      const status = await service.call('GET', `${path}/webhook/registration`);
      expect([vendor, status.body.state]).toEqual([vendor, 'not_registered']);
      expect((await service.call('DELETE', `${path}/webhook/registration`)).status).toBe(204);
    }
  });

  it('shows the secrets of its webhook to those who manage, and to nobody and nothing else', async () => {
    const token = await service.tokenFor('default', 'read');
    const shown = new Map<string, string[]>();
    for (const sandbox of withWebhooks()) {
      const path = await connect(sandbox.vendor);
      const managed = (await service.call('GET', `${path}/webhook`)).body;
      const read = (await service.call('GET', `${path}/webhook`, { token })).body;
      const secrets = masked(managed, read);
      shown.set(sandbox.vendor, secrets);
      const page = JSON.stringify([read, (await service.call('GET', path, { token })).body]);
      const dump = await service.database.dump();
      for (const secret of secrets) {
        expect([sandbox.vendor, page.includes(secret)]).toEqual([sandbox.vendor, false]);
        expect([sandbox.vendor, service.logs.some((line) => line.includes(secret))]).toEqual([sandbox.vendor, false]);
        expect([sandbox.vendor, dump.includes(secret)]).toEqual([sandbox.vendor, false]);
      }
      for (const secret of secretsOf(sandbox.vendor, sandbox.settings)) {
        expect(JSON.stringify(managed)).not.toContain(secret);
      }
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

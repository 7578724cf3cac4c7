import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VendorSandbox } from '@score-crm/adapter-kit/sandbox';
import { UnitOfWork } from '@score-crm/connections';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { ConfigurationError, readConfiguration } from '../../src/config/environment.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { createConnection, eventsOf, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { VENDORS } from '../support/vendors.ts';

const STAGING = 'staging@sender.example';
const OWN = 'own@sender.example';
const ORIGINALS = ['ada@recipient.example', 'eve@recipient.example', 'carl@recipient.example', 'bob@recipient.example'];
const MESSAGE = {
  to: [{ email: 'ada@recipient.example', name: 'Ada' }, { email: 'eve@recipient.example' }],
  cc: [{ email: 'carl@recipient.example' }],
  bcc: [{ email: 'bob@recipient.example' }],
  subject: 'Hello',
  text: 'Hello',
};

/** What every sandbox receives, for each combination of the mode of the service and that of the connection. */
describe.each(ANY_DATABASE)('the sending modes on %s', (kind) => {
  let sandboxes: Sandboxes;
  const services: TestService[] = [];

  beforeAll(async () => {
    sandboxes = await startSandboxes({ paceMs: 1 });
  });
  afterAll(async () => {
    await sandboxes.close();
    for (const service of services) {
      await service.stop();
      await service.database.drop();
    }
  });

  async function start(mode: Partial<Configuration>): Promise<TestService> {
    const service = await TestService.start(await createDatabase(kind), {
      vendorEndpoints: sandboxes.endpoints,
      ...mode,
    });
    services.push(service);
    return service;
  }

  const connect = (service: TestService, vendor: string, details: object = {}): Promise<string> => {
    const settings = sandboxes.byVendor.get(vendor)?.settings;
    return createConnection(service, { name: 'Modes', vendor, fromEmail: 'news@sender.example', settings, ...details });
  };
  /** What the sandbox receives while something is done. */
  async function received(vendor: string, work: () => Promise<unknown>) {
    const sandbox = sandboxes.byVendor.get(vendor) as VendorSandbox;
    const before = sandbox.mails.length;
    await work();
    // SendGrid checks a message without sending it.
    const sent = sandbox.mails.slice(before).filter(({ sandboxed }) => sandboxed !== true);
    return sent.map(({ recipients, subject }) => ({ recipients: [...recipients], subject }));
  }

  describe.each([
    ['the connection', {}, { mode: 'redirect', redirectTo: OWN }, OWN],
    ['the service', { sendingMode: 'redirect', sendingRedirectTo: STAGING }, {}, STAGING],
    [
      'the service, whatever the connection redirects to',
      { sendingMode: 'redirect', sendingRedirectTo: STAGING },
      { mode: 'redirect', redirectTo: OWN },
      STAGING,
    ],
  ] as const)('redirect by %s', (_by, ofService, ofConnection, target) => {
    let service: TestService;
    beforeAll(async () => {
      service = await start(ofService);
    });

    it.each(VENDORS)('sends all emails of %s to one address', async (vendor) => {
      const path = await connect(service, vendor, ofConnection);
      const mails = await received(vendor, async () => {
        const sent = await send(service, path, MESSAGE);
        expect([sent.status, sent.body.accepted]).toEqual([202, [target]]);
      });
      const subject = `[${ORIGINALS.join(', ')}] Hello`;
      expect(mails).toEqual([{ recipients: [target], subject }]);
      const batch = await received(vendor, async () => {
        const { body } = await service.call('POST', `${path}/messages/batch`, {
          body: { messages: [MESSAGE, MESSAGE] },
        });
        expect(body.data.map(({ message }: any) => message.accepted)).toEqual([[target], [target]]);
      });
      expect(batch).toEqual([
        { recipients: [target], subject },
        { recipients: [target], subject },
      ]);
      const tests = await received(vendor, async () => {
        const { body } = await service.call('POST', `${path}/test`, { body: { to: ORIGINALS } });
        expect(body.diagnosis).toMatchObject({ ok: true, sent: { accepted: [target] } });
      });
      expect(tests.map(({ recipients }) => recipients)).toEqual([[target]]);
      expect(tests[0]?.subject).toContain('ada@recipient.example');
      expect((await eventsOf(service, path, '&kind=sent')).map(({ recipient }) => recipient)).toEqual([
        target,
        target,
        target,
      ]);
    });
  });

  describe.each([
    ['the connection', {}, { mode: 'drop' }],
    ['the service', { sendingMode: 'drop' }, {}],
    ['the service, although the connection redirects', { sendingMode: 'drop' }, { mode: 'redirect', redirectTo: OWN }],
    [
      'the connection, although the service redirects',
      { sendingMode: 'redirect', sendingRedirectTo: STAGING },
      { mode: 'drop' },
    ],
  ] as const)('drop by %s', (_by, ofService, ofConnection) => {
    let service: TestService;
    beforeAll(async () => {
      service = await start(ofService);
    });

    it.each(VENDORS)('sends nothing through %s, and marks its events as test', async (vendor) => {
      const path = await connect(service, vendor, ofConnection);
      const mails = await received(vendor, async () => {
        const sent = await send(service, path, MESSAGE);
        expect([sent.status, sent.body]).toMatchObject([202, { accepted: ORIGINALS, rejected: [] }]);
        const batch = await service.call('POST', `${path}/messages/batch`, { body: { messages: [MESSAGE] } });
        expect(batch.body.data).toMatchObject([{ message: { accepted: ORIGINALS } }]);
        const { body } = await service.call('POST', `${path}/test`, { body: { to: ORIGINALS } });
        expect(body.diagnosis.ok).toBe(true);
        expect(body.diagnosis).not.toHaveProperty('sent');
      });
      expect(mails).toEqual([]);
      const events = await eventsOf(service, path);
      expect(events.map(({ kind: one, attribution }) => `${one} ${attribution}`)).toEqual(
        [...ORIGINALS, ...ORIGINALS].map(() => 'sent test'),
      );
    });
  });

  it('sends and tests nothing in a mode that it does not know', async () => {
    const service = await start({});
    const path = await connect(service, 'smtp');
    await service.app.get(UnitOfWork).write((tx) => tx.query("UPDATE connections SET sending_mode = 'paused'"));
    const calls = [
      [`${path}/messages`, MESSAGE],
      [`${path}/test`, { to: ORIGINALS }],
      ['/api/v1/connections/test', { connectionId: path.split('/').at(-1), settings: {}, to: ORIGINALS }],
    ] as const;
    const mails = await received('smtp', async () => {
      for (const [url, body] of calls) {
        const refused = await service.call('POST', url, { body });
        expect(refused).toMatchObject({ status: 409, body: { code: 'sending_mode_unknown' } });
      }
    });
    expect(mails).toEqual([]);
    expect((await service.call('GET', path)).body.mode).toBe('paused');
  });

  it('is live by default, and shown by the session', async () => {
    const [live, staging] = [await start({}), await start({ sendingMode: 'redirect', sendingRedirectTo: STAGING })];
    const shown = async (service: TestService) => (await service.call('GET', '/api/v1/session')).body;
    expect(await shown(live)).toMatchObject({ sendingMode: 'live', sendingRedirectTo: null });
    expect(await shown(staging)).toMatchObject({ sendingMode: 'redirect', sendingRedirectTo: STAGING });
    const path = await connect(live, 'smtp');
    const mails = await received('smtp', () => send(live, path, MESSAGE));
    expect(mails).toEqual([{ recipients: ORIGINALS, subject: 'Hello' }]);
    const refused = await live.call('PATCH', path, { body: { mode: 'redirect' } });
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: '/redirectTo', code: 'required' }]]);
    const warned = await staging.call('POST', '/api/v1/launch-check', {
      body: { connectionIds: [(await connect(staging, 'smtp')).split('/').at(-1)] },
    });
    expect(warned.body).toMatchObject({ ready: true, problems: [{ code: 'mode_redirect', severity: 'warning' }] });
  });
});

describe('SENDING_MODE', () => {
  const read = (environment: Record<string, string>): unknown => {
    try {
      const keys = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
      const { sendingMode, sendingRedirectTo } = readConfiguration({
        DATABASE_URL: 'sqlite:x',
        ENCRYPTION_KEYS: keys,
        ...environment,
      });
      return [sendingMode, sendingRedirectTo];
    } catch (error) {
      return (error as ConfigurationError).faults;
    }
  };

  it.each([
    [{}, ['live', undefined]],
    [{ SENDING_MODE: 'live' }, ['live', undefined]],
    [{ SENDING_MODE: 'drop' }, ['drop', undefined]],
    [{ SENDING_MODE: 'redirect', SENDING_REDIRECT_TO: STAGING }, ['redirect', STAGING]],
    [{ SENDING_MODE: 'Drop' }, ['SENDING_MODE must be one of live, redirect, drop']],
    [{ SENDING_MODE: 'redirect' }, ['SENDING_REDIRECT_TO is required with SENDING_MODE=redirect']],
    [{ SENDING_MODE: 'redirect', SENDING_REDIRECT_TO: 'nobody' }, ['SENDING_REDIRECT_TO must be an email address']],
    [
      { SENDING_REDIRECT_TO: STAGING },
      ['SENDING_REDIRECT_TO has no effect without SENDING_MODE=redirect; remove it, or set the mode'],
    ],
  ])('%j is read as %j', (environment, expected) => {
    expect(read(environment)).toEqual(expected);
  });
});

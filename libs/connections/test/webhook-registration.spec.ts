import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConnectionsService,
  RegistrationFailedError,
  RegistrationObstacleError,
  WebhookIngest,
  WebhookRegistrationService,
  WebhooksService,
} from '../src/index.ts';
import { ConnectionWebhookRow } from '../src/webhooks/connection-webhooks.repository.ts';
import { DATABASES, ofConnection } from '../../../test/support/databases.ts';
import { FakeAdapter } from './support/fake-vendor.ts';
import { HookAdapter, refusal } from './support/hook-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const BASE = 'https://crm.example/webhooks/v2';
const KEY = 'hk-0123456789abcdef';
const STRANGER = { organization: 'umbrella', actor: 'user:9' };

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(DATABASES)('the registration of a webhook on %s', (kind) => {
  let module: TestModule;
  let adapter: HookAdapter;
  let registrations: WebhookRegistrationService;
  let webhooks: WebhooksService;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: [HookAdapter, FakeAdapter], webhookBaseUrl: `${BASE}/` });
    adapter = module.app.get(HookAdapter);
    registrations = module.app.get(WebhookRegistrationService);
    webhooks = module.app.get(WebhooksService);
  });
  beforeEach(async () => {
    adapter.calls.length = 0;
    adapter.onRegister = async () => ({ vendorId: 'entry-1' });
    adapter.onCall = async () => undefined;
    const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: KEY } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
  });
  afterAll(() => module.end());

  const post = async (token: string, items: readonly object[] = [], event?: string) => {
    const ingest = module.app.get(WebhookIngest);
    const head = { headers: {}, query: { token, ...(event === undefined ? {} : { event }) } };
    const webhook = await ingest.preflight('hook', id, head, undefined);
    return ingest.receive(webhook, { ...head, body: Buffer.from(JSON.stringify(items)) });
  };
  const tokenOf = async (): Promise<string> => {
    const { address } = await webhooks.get(CALLER, id, true);
    return decodeURIComponent(new URL(address ?? '').searchParams.get('token') ?? '');
  };

  it('makes a token where none is given, and shows it to those who may see it', async () => {
    const token = await tokenOf();
    expect(token).toMatch(/^[\w-]{43}$/);
    const shown = await webhooks.get(CALLER, id, false);
    expect(shown.url).toBe(`${BASE}/hook/${id}`);
    expect(shown.address).toBe(`${BASE}/hook/${id}?token=********`);
    expect(shown.setupInstructions).toEqual([{ title: 'Paste it', text: 'Paste the URL.', value: shown.address }]);
    expect(JSON.stringify(shown)).not.toContain(token);
    expect(shown).toMatchObject({ state: 'not_set_up', registration: { supported: true, registered: false } });
  });

  it('makes a new one when it is cleared, and takes the old one for a while', async () => {
    const before = await tokenOf();
    await module.app.get(ConnectionsService).update(CALLER, id, { settings: { token: null } });
    const after = await tokenOf();
    expect(after).toMatch(/^[\w-]{43}$/);
    expect(after).not.toBe(before);
    await expect(post(after)).resolves.toEqual({ accepted: 0, duplicates: 0 });
    await expect(post(before)).resolves.toEqual({ accepted: 0, duplicates: 0 });
    await expect(post('another')).rejects.toThrow('Webhook signature does not match');
  });

  it('takes the vendor’s post that comes before it answers, and keeps the key that it made', async () => {
    adapter.onRegister = async ({ target, settings }) => {
      expect(target).toEqual({ url: `${BASE}/hook/${id}` });
      expect(await post(settings.token ?? '')).toEqual({ accepted: 0, duplicates: 0 });
      return { vendorId: 'entry-7', settings: { verificationKey: 'vk-0123456789abcdef' } };
    };
    await registrations.register(CALLER, id);
    const details = await webhooks.get(CALLER, id, false);
    expect(details.registration).toMatchObject({ registered: true, registeredAt: expect.any(Date) });
    const connection = await module.app.get(ConnectionsService).get(CALLER, id);
    expect(connection.secrets['verificationKey']).toMatchObject({ set: true, hint: 'cdef' });
    expect(adapter.calls.map(({ call }) => call)).toEqual(['register', 'test']);
    expect(adapter.calls[1]).toMatchObject({
      target: { vendorId: 'entry-7' },
      settings: { verificationKey: 'vk-0123456789abcdef' },
    });
  });

  it('is called with what identifies the entry, and forgets it when it is removed', async () => {
    await registrations.register(CALLER, id);
    adapter.answer = { state: 'drifted', drift: ['The address is another one.'] };
    expect(await registrations.status(CALLER, id)).toEqual(adapter.answer);
    await registrations.unregister(CALLER, id);
    expect((await webhooks.get(CALLER, id, false)).registration).toMatchObject({ registered: false });
    await registrations.unregister(CALLER, id);
    const [status, removed, again] = adapter.calls.filter(({ call }) => call === 'status' || call === 'unregister');
    expect([status?.target.vendorId, removed?.target.vendorId, again?.target.vendorId]).toEqual([
      'entry-1',
      'entry-1',
      undefined,
    ]);
    const actions = (await module.rows('audit_entries'))
      .filter(({ subject }) => subject === id)
      .map(({ action }) => action);
    expect(actions).toEqual(['connection.create', 'webhook.register', 'webhook.unregister', 'webhook.unregister']);
  });

  it('is not set up immediately after its removal, whatever arrives late, and receives again a day later', async () => {
    const state = async (): Promise<unknown> => (await webhooks.get(CALLER, id, false)).state;
    const listed = async (): Promise<unknown> => {
      const { data } = await module.app.get(ConnectionsService).list(CALLER, { ids: [id] });
      return data[0]?.webhook.state;
    };
    expect(await state()).toBe('not_set_up');
    await registrations.register(CALLER, id);
    expect(await state()).toBe('waiting');
    await post(await tokenOf());
    expect([await state(), await listed()]).toEqual(['receiving', 'receiving']);

    await registrations.unregister(CALLER, id);
    expect([await state(), await listed()]).toEqual(['not_set_up', 'not_set_up']);
    // What the vendor had queued is recorded, but does not mean that the webhook exists.
    await post(await tokenOf());
    expect([await state(), await listed()]).toEqual(['not_set_up', 'not_set_up']);

    const dayBefore = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await module.dataSource.getRepository(ConnectionWebhookRow).update({ connectionId: id }, { removedAt: dayBefore });
    expect([await state(), await listed()]).toEqual(['receiving', 'receiving']);
    await registrations.unregister(CALLER, id);
    await registrations.register(CALLER, id);
    expect([await state(), await listed()]).toEqual(['waiting', 'waiting']);
  });

  it('keeps the result of the last test, which a webhook’s key does not concern', async () => {
    const connections = module.app.get(ConnectionsService);
    await module.dataSource.query(`UPDATE connections SET last_test = '{"ok":true}' WHERE id = '${id}'`);
    adapter.onRegister = async () => ({ vendorId: 'e', settings: { verificationKey: 'vk-other' } });
    await registrations.register(CALLER, id);
    expect((await connections.get(CALLER, id)).lastTest).toEqual({ ok: true });
    await connections.update(CALLER, id, { settings: { apiKey: 'another' } });
    expect((await connections.get(CALLER, id)).lastTest).toBeNull();
  });

  it('fails with the vendor’s words and without the key', async () => {
    adapter.onRegister = async () => {
      throw refusal(`${KEY} may not create webhooks`);
    };
    const failure = await failureOf(registrations.register(CALLER, id));
    expect(failure).toBeInstanceOf(RegistrationFailedError);
    expect((failure as RegistrationFailedError).details).toMatchObject({ code: 'permission_denied', stage: 'webhook' });
    expect(JSON.stringify(failure)).not.toContain(KEY);
    expect((failure as RegistrationFailedError).details.reply).toMatch(/may not create webhooks$/);
    expect((await webhooks.get(CALLER, id, false)).registration.registered).toBe(false);
    // The next attempt is not in its way.
    adapter.onRegister = async () => ({ vendorId: 'entry-2' });
    await registrations.register(CALLER, id);
  });

  it('tells nothing of what an adapter throws that keeps no promise, in the answer or in the log', async () => {
    const broken = async () => {
      throw new TypeError(`fetch failed https://vendor.example/?token=${KEY}`);
    };
    adapter.onRegister = broken;
    const failure = await failureOf(registrations.register(CALLER, id));
    expect(failure).toMatchObject({
      name: 'RegistrationFailedError',
      details: { code: 'unexpected', stage: 'webhook' },
    });
    adapter.onRegister = async () => ({ vendorId: 'entry-3' });
    adapter.onCall = broken;
    await registrations.register(CALLER, id);
    expect(module.logger.errors.at(-1)).toContain('fetch failed https://vendor.example/?token=[redacted]');
    expect(JSON.stringify([failure, module.logger.lines])).not.toContain(KEY);
  });

  it('stands although the vendor cannot post a test', async () => {
    adapter.onCall = async () => {
      throw refusal('no test');
    };
    await registrations.register(CALLER, id);
    expect((await webhooks.get(CALLER, id, false)).registration.registered).toBe(true);
  });

  it('is made once at a time', async () => {
    let running = 0;
    let most = 0;
    adapter.onRegister = async () => {
      most = Math.max(most, ++running);
      await delay(50);
      running--;
      return { vendorId: 'entry-1' };
    };
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => failureOf(registrations.register(CALLER, id))));
    expect(most).toBe(1);
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
    for (const outcome of outcomes.filter((one) => one !== undefined)) {
      expect(outcome).toMatchObject({ name: 'RegistrationObstacleError', code: 'registration_in_progress' });
    }
  });

  it('leaves no trace at a connection of somebody else, nor at one that there is not', async () => {
    const rows = () => module.dataSource.query('SELECT * FROM connection_webhooks ORDER BY connection_id');
    const before = await rows();
    for (const call of ['register', 'status', 'unregister'] as const) {
      for (const [caller, which] of [
        [STRANGER, id],
        [CALLER, '0199d3c8-7a00-7000-8000-000000000000'],
        [CALLER, 'x'.repeat(200)],
      ] as const) {
        expect(await failureOf(registrations[call](caller, which))).toMatchObject({ name: 'ConnectionNotFoundError' });
      }
    }
    expect(await rows()).toEqual(before);
  });

  it('is another organization’s business, and not possible everywhere', async () => {
    const { id: plain } = await module.app
      .get(ConnectionsService)
      .create(CALLER, { name: 'Plain', vendor: 'fake', settings: { apiKey: KEY } });
    for (const call of ['register', 'status', 'unregister'] as const) {
      expect(await failureOf(registrations[call](STRANGER, id))).toMatchObject({ name: 'ConnectionNotFoundError' });
      expect(await failureOf(registrations[call](CALLER, plain))).toMatchObject({
        code: 'registration_unsupported',
      });
    }
    expect(await failureOf(webhooks.get(STRANGER, id, true))).toMatchObject({ name: 'ConnectionNotFoundError' });
    expect(await webhooks.get(CALLER, plain, true)).toMatchObject({
      supported: false,
      url: null,
      address: null,
      state: 'unsupported',
      setupInstructions: [],
      registration: { supported: false },
    });
    expect(adapter.calls).toEqual([]);
  });

  it('keeps the query that the raw form needs, and no other', async () => {
    const item = { id: `open-${id}`, at: '2026-11-25T00:00:00Z' };
    await post(await tokenOf(), [item], 'opened');
    const [request] = await module.dataSource.query<{ parameters: unknown }[]>(
      `SELECT parameters FROM event_batches WHERE ${ofConnection(id)}`,
    );
    const { parameters } = request ?? {};
    expect(typeof parameters === 'string' ? JSON.parse(parameters) : parameters).toEqual({ event: 'opened' });
  });

  it('of a deleted connection is removed also where making it broke off half-way', async () => {
    adapter.onRegister = async () => {
      throw refusal('the fifth of nine');
    };
    await failureOf(registrations.register(CALLER, id));
    await module.app.get(ConnectionsService).delete(CALLER, id);
    adapter.calls.length = 0;
    await registrations.unregisterDeleted(await module.deleted(id));
    expect(adapter.calls.map(({ call, target }) => [call, target])).toEqual([
      ['unregister', { url: `${BASE}/hook/${id}` }],
    ]);
  });

  it('of a connection that was deleted meanwhile is removed with it', async () => {
    adapter.onRegister = async () => {
      await module.app.get(ConnectionsService).delete(CALLER, id);
      return { vendorId: 'entry-9', settings: { verificationKey: 'vk-late' } };
    };
    expect(await failureOf(registrations.register(CALLER, id))).toMatchObject({ name: 'ConnectionNotFoundError' });
    adapter.calls.length = 0;
    await registrations.unregisterDeleted(await module.deleted(id));
    expect(adapter.calls.map(({ call }) => call)).toEqual(['unregister']);
  });

  it('of a deleted connection is not asked for where we never made one', async () => {
    await module.app.get(ConnectionsService).delete(CALLER, id);
    await registrations.unregisterDeleted(await module.deleted(id));
    expect(adapter.calls).toEqual([]);
  });

  it('of a deleted connection is removed where we made it', async () => {
    await registrations.register(CALLER, id);
    await module.app.get(ConnectionsService).delete(CALLER, id);
    adapter.calls.length = 0;
    const row = await module.deleted(id);
    await registrations.unregisterDeleted(row);
    await registrations.unregisterDeleted(row);
    expect(adapter.calls.map(({ call, target }) => [call, target.vendorId])).toEqual([['unregister', 'entry-1']]);
  });
});

describe('without a public address', () => {
  it('there is no URL, and nothing is registered', async () => {
    const module = await TestModule.start('SQLite', { providers: [HookAdapter] });
    try {
      const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: KEY } };
      const { id, webhook } = await module.app.get(ConnectionsService).create(CALLER, input);
      expect(webhook).toEqual({ supported: true, url: null, state: 'not_set_up', lastEventAt: null });
      expect(await module.app.get(WebhooksService).get(CALLER, id, true)).toMatchObject({
        address: null,
        setupInstructions: [],
      });
      const failure = await failureOf(module.app.get(WebhookRegistrationService).register(CALLER, id));
      expect(failure).toBeInstanceOf(RegistrationObstacleError);
      expect(failure).toMatchObject({ code: 'public_url_missing' });
    } finally {
      await module.end();
    }
  });
});

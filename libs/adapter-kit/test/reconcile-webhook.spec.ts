import { describe, expect, it } from '@jest/globals';
import {
  AdapterError,
  type AdapterErrorDetails,
  reconcileWebhook,
  type RegistrationCall,
  SettingsField,
  type WebhookPlan,
} from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';

interface Settings {
  readonly secret: string;
}
class SecretSettings implements Settings {
  @SettingsField({ label: 'Secret', secret: true })
  secret: string = 'a-secret/1';
}
interface Entry {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}
type Plan = WebhookPlan<Settings, Entry, Omit<Entry, 'id'>>;

const URL_ = 'https://crm.example/hooks/1';
const TARGET = { url: URL_, vendorId: 'b' };
const SETTINGS: Settings = { secret: 's1' };
const OTHER: Entry = { id: 'x', url: 'https://other.example/', secret: 'x' };

function failure(details: Partial<AdapterErrorDetails> = {}): AdapterError {
  const base = { stage: 'message', code: 'invalid_request', fault: 'configuration', retryable: false } as const;
  return new AdapterError({ ...base, hint: 'No, not like this.', ...details });
}

/** A vendor with these entries, and what was done to them. */
function vendor(entries: readonly Entry[], overrides: Partial<Plan> = {}) {
  const log: string[] = [];
  const calls: RegistrationCall<Settings>[] = [];
  const registration = reconcileWebhook<Settings, Entry, Omit<Entry, 'id'>>({
    vendor: 'Acme',
    list: async (call) => {
      calls.push(call);
      log.push('list');
      return entries;
    },
    isOurs: ({ id, url }, { target }) => id === target.vendorId || url === target.url,
    desired: ({ target, settings }) => [{ url: target.url, secret: settings.secret }],
    create: async ({ url }) => {
      log.push(`create ${url}`);
      return { vendorId: 'new', settings: { secret: 's2' } };
    },
    update: async ({ id }, { secret }) => {
      log.push(`update ${id} ${secret}`);
      return { vendorId: id };
    },
    remove: async ({ id }) => {
      log.push(`remove ${id}`);
    },
    driftOf: ([{ url }], all, { target }) => (url === target.url ? [] : [`Elsewhere, of ${String(all.length)}.`]),
    ...overrides,
  });
  return { registration, log, calls };
}

const a: Entry = { id: 'a', url: URL_, secret: 's1' };
const b: Entry = { id: 'b', url: 'https://old.example/', secret: 's0' };

describe('registering', () => {
  it('creates an entry if there is none of the connection', async () => {
    const { registration, log, calls } = vendor([OTHER]);
    const { signal } = new AbortController();
    expect(await registration.register(TARGET, SETTINGS, { signal })).toEqual({
      vendorId: 'new',
      settings: { secret: 's2' },
    });
    expect(log).toEqual(['list', `create ${URL_}`]);
    expect(calls).toEqual([{ operation: 'register', target: TARGET, settings: SETTINGS, signal }]);
  });

  it('updates the first of its own, then removes the others', async () => {
    const { registration, log } = vendor([OTHER, b, a]);
    expect(await registration.register(TARGET, SETTINGS)).toEqual({ vendorId: 'b' });
    expect(log).toEqual(['list', 'update b s1', 'remove a']);
  });

  it('keeps the entry of the lowest rank', async () => {
    const { registration, log } = vendor([b, OTHER, a], {
      rank: ({ url }, { target }) => (url === target.url ? 0 : 1),
    });
    await registration.register(TARGET, SETTINGS);
    expect(log).toEqual(['list', 'update a s1', 'remove b']);
  });

  it('removes first if there is no room', async () => {
    const { registration, log } = vendor([b, a], { removesFirst: (entries) => entries.length === 2 });
    await registration.register(TARGET, SETTINGS);
    expect(log).toEqual(['list', 'remove a', 'update b s1']);
  });

  it('does not write an entry that is current', async () => {
    const current: Plan['current'] = ({ id, secret }, desired) =>
      secret === desired.secret ? { vendorId: `${id}!` } : undefined;
    const { registration, log } = vendor([a], { current });
    expect(await registration.register(TARGET, SETTINGS)).toEqual({ vendorId: 'a!' });
    await registration.register(TARGET, { secret: 'other' });
    expect(log).toEqual(['list', 'list', 'update a other']);
  });

  it('finds the place of each of several entries', async () => {
    const wanted = ['one', 'two', 'three'].map((secret) => ({ url: URL_, secret }));
    const { registration, log } = vendor(
      [
        { id: '2', url: URL_, secret: 'two' },
        { id: '1', url: URL_, secret: 'one' },
        { id: '4', url: URL_, secret: 'four' },
        { id: '5', url: URL_, secret: 'two' },
      ],
      { desired: async () => wanted, isFor: (entry, { secret }) => entry.secret === secret },
    );
    await registration.register(TARGET, SETTINGS);
    expect(log).toEqual(['list', 'update 1 one', 'update 2 two', `create ${URL_}`, 'remove 4', 'remove 5']);
  });

  it('gives each entry one place only', async () => {
    const wanted = ['one', 'two'].map((secret) => ({ url: URL_, secret }));
    const { registration, log } = vendor([a], { desired: () => wanted });
    await registration.register(TARGET, SETTINGS);
    expect(log).toEqual(['list', 'update a one', `create ${URL_}`]);
  });

  it.each<[string, Partial<Plan>]>([
    ['the precheck', { precheck: () => Promise.reject(failure({ code: 'webhook_conflict' })) }],
    ['what is desired', { desired: () => Promise.reject(failure({ code: 'webhook_conflict' })) }],
  ])('writes nothing if %s fails', async (_what, overrides) => {
    const { registration, log } = vendor([a, b], { removesFirst: () => true, ...overrides });
    expect(await failureOf(registration.register(TARGET, SETTINGS))).toMatchObject({
      code: 'webhook_conflict',
      stage: 'webhook',
    });
    expect(log).toEqual(['list']);
  });

  it('prechecks the entries of others too', async () => {
    const seen: unknown[] = [];
    const { registration } = vendor([OTHER, a], { precheck: (entries) => void seen.push(...entries) });
    await registration.register(TARGET, SETTINGS);
    expect(seen).toEqual([OTHER, a]);
  });
});

describe('the status', () => {
  it('is that of the connection’s entries', async () => {
    expect(await vendor([OTHER]).registration.status(TARGET, SETTINGS)).toEqual({ state: 'not_registered' });
    expect(await vendor([a]).registration.status(TARGET, SETTINGS)).toEqual({ state: 'registered' });
    expect(await vendor([OTHER, b]).registration.status(TARGET, SETTINGS)).toEqual({
      state: 'drifted',
      drift: ['Elsewhere, of 2.'],
    });
  });

  it('quotes no secret that the vendor returns', async () => {
    const driftOf: Plan['driftOf'] = ([{ url, secret }]) => [`It posts to ${url}?key=${encodeURIComponent(secret)}.`];
    const { registration } = vendor([{ ...a, secret: 'a-secret/1' }], { driftOf });
    expect(await registration.status(TARGET, new SecretSettings())).toEqual({
      state: 'drifted',
      drift: [`It posts to ${URL_}?key=[redacted].`],
    });
  });

  it('contains the times of the entry', async () => {
    const times = ({ id }: Entry) => ({ lastDeliveredAt: `${id}, 2026` });
    for (const [entry, state] of [
      [a, 'registered'],
      [b, 'drifted'],
    ] as const) {
      // prettier-ignore
      const { registration } = vendor([entry], { times });
      expect(await registration.status(TARGET, SETTINGS)).toMatchObject({
        state,
        lastDeliveredAt: `${entry.id}, 2026`,
      });
    }
  });

  it('contains the latest times of the log without any of the entry, and none if the log is unavailable', async () => {
    const entries = [
      { at: '2026-03-01T08:00:00.000Z', delivered: true },
      { at: '2026-03-01T10:00:00.000Z', delivered: true },
      { at: '2026-03-01T12:30:00.000+03:00', delivered: false },
      { at: '2026-03-01T09:00:00.000Z', delivered: false },
    ];
    const log: Plan['log'] = async () => entries;
    const times = { lastDeliveredAt: '2026-03-01T10:00:00.000Z', lastFailedAt: '2026-03-01T12:30:00.000+03:00' };
    expect(await vendor([a], { log }).registration.status(TARGET, SETTINGS)).toEqual({ state: 'registered', ...times });
    const own = vendor([a], { log, times: () => ({ lastFailedAt: 'yesterday' }) }).registration;
    expect(await own.status(TARGET, SETTINGS)).toEqual({ state: 'registered', lastFailedAt: 'yesterday' });
    const denied = vendor([a], { log: () => Promise.reject(failure({ status: 403 })) }).registration;
    expect(await denied.status(TARGET, SETTINGS)).toEqual({ state: 'registered' });
    // Nothing is known about the entry either.
    const unreachable = vendor([a], { log: () => Promise.reject(failure({ code: 'timeout' })) }).registration;
    expect(await failureOf(unreachable.status(TARGET, SETTINGS))).toMatchObject({ code: 'timeout' });
  });
});

describe('unregistering', () => {
  it('removes all of its own and no other', async () => {
    const { registration, log } = vendor([b, OTHER, a]);
    await registration.unregister(TARGET, SETTINGS);
    expect(log).toEqual(['list', 'remove b', 'remove a']);
  });

  it('succeeds if an entry is already gone, as the vendor reports it', async () => {
    const remove = () => Promise.reject(failure({ status: 404 }));
    await vendor([a], { remove }).registration.unregister(TARGET, SETTINGS);
    const strict = vendor([a], { remove, isGone: ({ status }) => status === 410 });
    expect(await failureOf(strict.registration.unregister(TARGET, SETTINGS))).toMatchObject({ status: 404 });
    const denied = vendor([a], { remove: () => Promise.reject(failure({ status: 403 })) });
    expect(await failureOf(denied.registration.unregister(TARGET, SETTINGS))).toMatchObject({ status: 403 });
  });
});

describe('a test event', () => {
  it('is not offered without a call for it', () => {
    expect(vendor([]).registration).not.toHaveProperty('test');
  });

  it('requires an entry', async () => {
    const seen: string[] = [];
    const test: Plan['test'] = async ({ id }) => void seen.push(id);
    await vendor([OTHER, a], { test }).registration.test?.(TARGET, SETTINGS);
    expect(seen).toEqual(['a']);
    const none = vendor([OTHER], { test }).registration.test?.(TARGET, SETTINGS) ?? Promise.resolve();
    expect(await failureOf(none)).toMatchObject({
      stage: 'webhook',
      code: 'invalid_request',
      hint: expect.stringContaining('Acme'),
    });
  });
});

describe('a failure', () => {
  it('is explained by the plan, and is at the stage of webhooks', async () => {
    const { registration } = vendor([], {
      list: () => Promise.reject(failure({ status: 403 })),
      explain: async ({ details }, { operation }) => new AdapterError({ ...details, hint: `For ${operation}.` }),
    });
    expect(await failureOf(registration.status(TARGET, SETTINGS))).toMatchObject({
      stage: 'webhook',
      hint: 'For status.',
    });
  });

  it('at an earlier stage keeps it', async () => {
    const list = () => Promise.reject(failure({ stage: 'connect', code: 'timeout' }));
    expect(await failureOf(vendor([], { list }).registration.unregister(TARGET, SETTINGS))).toMatchObject({
      stage: 'connect',
      code: 'timeout',
    });
  });

  it('of the code is not hidden', async () => {
    const list = () => Promise.reject(new TypeError('a bug'));
    await expect(vendor([], { list }).registration.status(TARGET, SETTINGS)).rejects.toThrow(TypeError);
  });
});

describe('the log of the vendor', () => {
  const a = { ...OTHER, id: 'a', url: URL_ };
  const entry = (at: string, message = 'OK') => ({ at, delivered: true, message });

  it('is read for the entry of the connection, newest first, without secrets', async () => {
    expect(vendor([]).registration).not.toHaveProperty('log');
    const read: string[] = [];
    const log: Plan['log'] = async ({ id }) => {
      read.push(id);
      return [
        entry('2026-01-02T03:04:05Z', 'Refused a-secret/1'),
        entry('2026-01-02T03:04:05.5Z'),
        entry('2026-01-01T00:00:00Z'),
      ];
    };
    const entries = await vendor([OTHER, a], { log }).registration.log?.(TARGET, new SecretSettings());
    expect(read).toEqual(['a']);
    expect(entries?.map(({ at }) => at)).toEqual([
      '2026-01-02T03:04:05.5Z',
      '2026-01-02T03:04:05Z',
      '2026-01-01T00:00:00Z',
    ]);
    expect(entries?.[1]?.message).toBe('Refused [redacted]');
  });

  it('needs a registered webhook', async () => {
    const none = vendor([OTHER], { log: async () => [] }).registration.log?.(TARGET, SETTINGS) ?? Promise.resolve();
    const failed = { stage: 'webhook', code: 'invalid_request', hint: expect.stringContaining('Register it first.') };
    expect(await failureOf(none)).toMatchObject(failed);
  });
});

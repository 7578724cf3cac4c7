import { setTimeout as delay } from 'node:timers/promises';
import { AdapterError, type Diagnosis } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { findSecrets } from '../../../test/support/secret-search.ts';
import { type Connection, ConnectionNotFoundError, ConnectionsService, ConnectionTester } from '../src/index.ts';
import { PASSED } from './support/fake-vendor.ts';
import { API_KEY, fakeConnection } from './support/inputs.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const FAILED: Diagnosis = {
  ...PASSED,
  ok: false,
  error: {
    stage: 'authenticate',
    code: 'authentication_failed',
    fault: 'configuration',
    retryable: false,
    hint: 'Update the key.',
  },
};

describe.each(DATABASES)('the tester on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let tester: ConnectionTester;
  let stored: Connection;

  beforeAll(async () => {
    module = await TestModule.start(kind, { testTimeoutMs: 100 });
    connections = module.app.get(ConnectionsService);
    tester = module.app.get(ConnectionTester);
  });

  beforeEach(async () => {
    stored = await connections.create(CALLER, fakeConnection({ secondKey: 'zx9' }));
    module.adapter.calls.length = 0;
    module.adapter.answer = async () => PASSED;
    module.logger.lines.length = 0;
  });

  afterAll(async () => {
    await module.end();
  });

  it('hands the settings, the sender and a marked message to the adapter', async () => {
    const test = await tester.test(CALLER, stored.id, { to: ['a@example.com', 'b@example.com'] });
    expect(test).toEqual({ testedAt: expect.any(Date), diagnosis: PASSED });
    const [call] = module.adapter.calls;
    expect(call?.settings).toEqual({ ...stored.settings, apiKey: API_KEY, secondKey: 'zx9' });
    expect(call?.settings).toBeInstanceOf(module.adapter.settings);
    expect(call?.probe).toEqual({
      to: ['a@example.com', 'b@example.com'],
      from: { email: 'news@sender.example', name: 'News' },
      subject: '[TEST] Relay',
      text: expect.stringContaining('Relay'),
    });
    // Nothing stays open after a test.
    expect(call?.options?.poolKey).toBeUndefined();
  });

  it('keeps the result with the connection, whose version it leaves alone', async () => {
    module.adapter.answer = async () => FAILED;
    const { testedAt } = await tester.test(CALLER, stored.id);
    const lastTest = {
      testedAt: testedAt.toISOString(),
      ok: false,
      code: 'authentication_failed',
      fault: 'configuration',
    };
    expect(await connections.get(CALLER, stored.id)).toEqual({ ...stored, lastTest });
    expect(await tester.history(CALLER, stored.id)).toEqual([{ testedAt, diagnosis: FAILED }]);
    const actions = (await module.rows('audit_entries')).filter((row) => row['subject'] === stored.id);
    expect(actions.map((row) => row['action'])).toEqual(['connection.create', 'connection.test']);
    await connections.update(CALLER, stored.id, { name: 'New' }, 1);
    expect((await connections.get(CALLER, stored.id)).lastTest).toEqual(lastTest);
  });

  it('keeps the last fifty tests of each connection, newest first', async () => {
    const other = await connections.create(CALLER, fakeConnection());
    await tester.test(CALLER, other.id);
    for (let n = 1; n <= 53; n++) {
      module.adapter.answer = async () => ({ ...PASSED, durationMs: n });
      await tester.test(CALLER, stored.id);
    }
    const history = await tester.history(CALLER, stored.id);
    expect(history.map((test) => test.diagnosis.durationMs)).toEqual(Array.from({ length: 50 }, (_, n) => 53 - n));
    const rows = await module.rows('connection_tests');
    expect(rows.filter((row) => row['connection_id'] === stored.id)).toHaveLength(50);
    expect(await tester.history(CALLER, other.id)).toHaveLength(1);
  });

  it('keeps nothing of a test whose connection was deleted meanwhile', async () => {
    module.adapter.answer = async () => {
      await connections.delete(CALLER, stored.id);
      return PASSED;
    };
    expect((await tester.test(CALLER, stored.id)).diagnosis.ok).toBe(true);
    const rows = await module.rows('connection_tests');
    expect(rows.filter((row) => row['connection_id'] === stored.id)).toEqual([]);
    expect(await failureOf(tester.test(CALLER, stored.id))).toBeInstanceOf(ConnectionNotFoundError);
    expect(await failureOf(tester.history(CALLER, stored.id))).toBeInstanceOf(ConnectionNotFoundError);
  });

  describe('keeps secrets out of the result, the log and the database', () => {
    const basic = Buffer.from(`user:${API_KEY}`).toString('base64');
    const forms = [
      API_KEY,
      encodeURIComponent(API_KEY),
      Buffer.from(API_KEY).toString('base64'),
      `Basic ${basic}`,
      'zx9',
    ];
    const leaks = forms.join(' | ');
    const error = { ...(FAILED.error as object), hint: leaks, reply: leaks } as NonNullable<Diagnosis['error']>;
    const leaky: Diagnosis = {
      ...FAILED,
      stages: [{ stage: 'authenticate', status: 'failed', detail: leaks }],
      warnings: [{ code: 'not_encrypted', hint: leaks }],
      error,
      sent: { messageId: leaks, accepted: [leaks], rejected: [{ recipient: leaks, error }] },
    };
    class LeakyDiagnosis {
      constructor() {
        Object.assign(this, leaky);
      }
    }

    it.each<[string, () => Promise<Diagnosis>]>([
      ['puts them into its answer', async () => leaky],
      ['answers with an instance of a class', async () => new LeakyDiagnosis() as Diagnosis],
      ['throws them', () => Promise.reject(new Error(leaks, { cause: leaks }))],
      ['throws them as text', () => Promise.reject(leaks)],
      ['throws an AdapterError of them', () => Promise.reject(new AdapterError(error))],
      [
        'throws them before it begins',
        () => {
          throw new Error(leaks);
        },
      ],
    ])('when an adapter %s', async (_what, answer) => {
      module.adapter.answer = answer;
      const results = [
        await tester.test(CALLER, stored.id),
        await tester.testUnsaved(CALLER, { connectionId: stored.id, settings: {} }),
        await tester.testUnsaved(CALLER, fakeConnection({ secondKey: 'zx9' })),
      ];
      for (const { diagnosis } of results) expect(diagnosis.ok).toBe(false);
      const rows = (await module.rows('connection_tests')).filter((row) => row['connection_id'] === stored.id);
      expect(rows).toHaveLength(1);
      const all = [JSON.stringify(results), JSON.stringify(rows), ...module.logger.lines].join('\n');
      expect(findSecrets(Buffer.from(all), [API_KEY])).toEqual([]);
      expect(all).not.toMatch(/\bzx9\b/);
      expect(all).toContain('[redacted]');
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'ok'],
    ['an empty object', {}],
    ['what cannot be written as JSON', { ...PASSED, durationMs: 1n }],
  ])('answers as a failure when the adapter answers %s', async (_what, answer) => {
    module.adapter.answer = async () => answer as Diagnosis;
    const { diagnosis } = await tester.test(CALLER, stored.id);
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    expect(module.logger.errors).toHaveLength(1);
    expect((await connections.get(CALLER, stored.id)).lastTest).toMatchObject({ ok: false, code: 'unexpected' });
  });

  it('names what is no longer right about stored settings, and asks no adapter', async () => {
    const settings = JSON.stringify({ ...stored.settings, mode: 'a mode that there was' });
    await module.dataSource.query('UPDATE connections SET settings = ? WHERE id = ?', [settings, stored.id]);
    expect(await faultsOf(tester.test(CALLER, stored.id))).toEqual(['/settings/mode not_an_option']);
    expect(module.adapter.calls).toEqual([]);
  });

  it('aborts an adapter at the deadline, and leaves one behind that does not obey', async () => {
    const aborted = { ...FAILED, error: { ...FAILED.error, code: 'timeout' } } as Diagnosis;
    module.adapter.answer = async ({ options }) => {
      await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
      return aborted;
    };
    expect((await tester.test(CALLER, stored.id)).diagnosis.error?.code).toBe('timeout');

    let rejectLate: (error: Error) => void = () => undefined;
    module.adapter.answer = () => new Promise((_, reject) => (rejectLate = reject));
    const { diagnosis } = await tester.test(CALLER, stored.id);
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    expect(module.logger.errors[0]).toContain('did not obey its signal');
    // It must not bring the process down when it fails at last.
    rejectLate(new Error('late'));
    await delay(10);
  });

  it.each<[any, string[]]>([
    [Array.from({ length: 11 }, (_, n) => `a${String(n)}@example.com`), ['/to too_many']],
    ['a@example.com', ['/to wrong_type']],
    [null, ['/to wrong_type']],
    [{ length: 1, 0: 'a@example.com' }, ['/to wrong_type']],
    [
      ['a@example.com', 'x', 5, null, 'b@example.com\r\nBcc: c@example.com'],
      ['/to/1 invalid_email', '/to/2 wrong_type', '/to/3 wrong_type', '/to/4 control_character'],
    ],
    [
      ['<a@example.com>', 'A <a@example.com>', 'a@example.com,b@example.com'],
      ['/to/0', '/to/1', '/to/2'].map((at) => `${at} invalid_email`),
    ],
  ])('refuses the recipients %j', async (to, faults) => {
    expect(await faultsOf(tester.test(CALLER, stored.id, { to }))).toEqual(faults);
    expect(await faultsOf(tester.testUnsaved(CALLER, { ...fakeConnection(), to }))).toEqual(faults);
    expect(module.adapter.calls).toEqual([]);
  });

  it('takes ten recipients, or none', async () => {
    const to = Array.from({ length: 10 }, (_, n) => `a${String(n)}@example.com`);
    await tester.test(CALLER, stored.id, { to });
    await tester.test(CALLER, stored.id, { to: [] });
    await tester.test(CALLER, stored.id);
    expect(module.adapter.calls.map(({ probe }) => probe.to)).toEqual([to, [], []]);
  });

  it('tests values that are not stored, and keeps nothing of them', async () => {
    const before = [await module.rows('connections'), await module.rows('connection_tests')];
    const input = { vendor: 'fake', settings: { apiKey: 'unsaved' }, fromEmail: 'x@example.com' };
    expect((await tester.testUnsaved(CALLER, input)).diagnosis.ok).toBe(true);
    const [call] = module.adapter.calls;
    expect(call?.settings.apiKey).toBe('unsaved');
    expect(call?.probe).toMatchObject({
      subject: '[TEST] Unsaved connection',
      from: { email: 'x@example.com' },
      to: [],
    });
    expect([await module.rows('connections'), await module.rows('connection_tests')]).toEqual(before);
  });

  it('lends the secrets, the name and the sender of a stored connection to a test of changes', async () => {
    await tester.testUnsaved(CALLER, { connectionId: stored.id, settings: { note: 'new' }, fromName: null });
    const [call] = module.adapter.calls;
    expect(call?.settings).toMatchObject({ apiKey: API_KEY, secondKey: 'zx9', note: 'new' });
    expect(call?.probe).toMatchObject({ subject: '[TEST] Relay', from: { email: 'news@sender.example' } });
    expect(call?.probe.from).not.toHaveProperty('name');
    expect(await connections.get(CALLER, stored.id)).toEqual(stored);
  });

  it.each<[string, object, string[]]>([
    ['no vendor', { vendor: undefined }, ['/vendor required']],
    ['an unknown vendor', { vendor: 'constructor' }, ['/vendor unknown_vendor']],
    ['a vendor that is no text', { vendor: ['fake'] }, ['/vendor wrong_type']],
    ['a vendor that cannot become text', { vendor: { toString: 1, valueOf: 1 } }, ['/vendor wrong_type']],
    ['no settings', { settings: undefined }, ['/settings/apiKey required']],
    ['null as settings', { settings: null }, ['/settings wrong_type']],
    ['an unknown member', { color: 1 }, ['/color unknown_field']],
    [
      'faults all over',
      { fromEmail: 'x', settings: { nonsense: 1 } },
      ['/fromEmail invalid_email', '/settings/apiKey required', '/settings/nonsense unknown_field'],
    ],
  ])('refuses a test of %s, and asks no adapter', async (_what, change, faults) => {
    expect(await faultsOf(tester.testUnsaved(CALLER, { ...fakeConnection(), ...change }))).toEqual(faults);
    expect(module.adapter.calls).toEqual([]);
  });

  it('lends nothing to another organization, to another vendor or for an id that is none', async () => {
    const stranger = { ...CALLER, organization: 'other' };
    for (const call of [
      () => tester.testUnsaved(stranger, { connectionId: stored.id, settings: {} }),
      () => tester.testUnsaved(CALLER, { connectionId: 'x', settings: {} }),
    ]) {
      expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
    }
    for (const connectionId of [null, { $ne: '' }] as any[]) {
      const odd = tester.testUnsaved(CALLER, { connectionId, settings: {} });
      expect(await faultsOf(odd)).toEqual(['/connectionId wrong_type']);
    }
    const other = { connectionId: stored.id, vendor: 'other', settings: {} };
    expect(await faultsOf(tester.testUnsaved(CALLER, other))).toEqual(['/vendor immutable']);
    expect(module.adapter.calls).toEqual([]);
  });
});

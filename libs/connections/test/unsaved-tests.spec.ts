import type { Diagnosis } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { findSecrets } from '../../../test/support/secret-search.ts';
import { type Caller, ConnectionsService, ConnectionTester, PurgeService } from '../src/index.ts';
import { ConnectionRow } from '../src/connections/connection-row.ts';
import { UnsavedTestRow } from '../src/diagnosis/unsaved-tests.repository.ts';
import { PASSED } from './support/fake-vendor.ts';
import { API_KEY, fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
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
const STRANGER: Caller = { organization: 'umbrella', actor: 'user:9' };

describe.each(DATABASES)('a test of unsaved values on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let tester: ConnectionTester;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
    tester = module.app.get(ConnectionTester);
  });
  beforeEach(() => {
    module.adapter.answer = async () => PASSED;
  });
  afterAll(() => module.end());

  const values = () => ({ ...fakeConnection(), fromEmail: 'news@sender.example', fromName: 'News' });
  const tested = (input: object, caller = CALLER) => tester.testUnsaved(caller, input);
  const lastTestOf = async (input: any) => (await connections.create(CALLER, input)).lastTest;

  it('is recorded with the connection that is created with the same values', async () => {
    const { testId, testedAt, diagnosis } = await tested({ ...values(), to: ['ada@recipient.example'] });
    const created = await connections.create(CALLER, { ...values(), name: 'Another name', testId });
    expect(created.lastTest).toEqual({ testedAt: testedAt.toISOString(), ok: true });
    expect(await connections.get(CALLER, created.id)).toEqual(created);
    expect(await tester.history(CALLER, created.id)).toEqual([{ testedAt, diagnosis }]);
    // It belongs to one connection.
    expect(await lastTestOf({ ...values(), testId })).toBeNull();
  });

  it('is recorded if it failed, too', async () => {
    module.adapter.answer = async () => FAILED;
    const { testId, testedAt } = await tested(values());
    expect(await lastTestOf({ ...values(), testId })).toEqual({
      testedAt: testedAt.toISOString(),
      ok: false,
      code: 'authentication_failed',
      fault: 'configuration',
    });
  });

  it.each<[string, (input: any) => object]>([
    ['a setting', (input) => ({ ...input, settings: { ...input.settings, account: 'other' } })],
    ['a secret', (input) => ({ ...input, settings: { ...input.settings, apiKey: `${API_KEY}x` } })],
    ['an additional secret', (input) => ({ ...input, settings: { ...input.settings, secondKey: 'zx9' } })],
    ['the sender’s address', (input) => ({ ...input, fromEmail: 'other@sender.example' })],
    ['the sender’s name', (input) => ({ ...input, fromName: undefined })],
  ])('is not recorded if %s differs', async (_what, change) => {
    const { testId } = await tested(values());
    expect(await lastTestOf({ ...change(values()), testId })).toBeNull();
    // The difference does not use it up.
    expect(await lastTestOf({ ...values(), testId })).toMatchObject({ ok: true });
  });

  it('is not recorded for another organization, with an unknown id, or after an hour', async () => {
    const { testId } = await tested(values(), STRANGER);
    expect(await lastTestOf({ ...values(), testId })).toBeNull();
    for (const unknown of ['019ad000-0000-7000-8000-000000000000', 'no id', 'ü'.repeat(36), '']) {
      expect(await lastTestOf({ ...values(), testId: unknown })).toBeNull();
    }
    const { testId: old } = await tested(values());
    const tests = module.dataSource.getRepository(UnsavedTestRow);
    await tests.update({ id: old }, { testedAt: new Date(Date.now() - 61 * 60 * 1000) });
    expect(await lastTestOf({ ...values(), testId: old })).toBeNull();
    await tested(values());
    expect(await tests.countBy({ id: old })).toBe(0);
  });

  it('rejects a testId that is not text', async () => {
    const { id } = await connections.create(CALLER, values());
    const faults = ['/testId wrong_type'];
    expect(await faultsOf(connections.create(CALLER, { ...values(), testId: 7 as any }))).toEqual(faults);
    expect(await faultsOf(connections.update(CALLER, id, { testId: {} as any }))).toEqual(faults);
  });

  it('is recorded with the connection that is changed to the same values', async () => {
    const { id } = await connections.create(CALLER, values());
    const settings = { apiKey: `${API_KEY}-new` };
    const { testId, testedAt } = await tested({ connectionId: id, settings });
    const lastTest = { testedAt: testedAt.toISOString(), ok: true };
    expect(await connections.update(CALLER, id, { settings, testId })).toMatchObject({ version: 2, lastTest });
    expect((await connections.get(CALLER, id)).lastTest).toEqual(lastTest);

    const other = await tested({ connectionId: id, settings: { apiKey: `${API_KEY}-other` } });
    const changed = await connections.update(CALLER, id, { settings, testId: other.testId });
    expect(changed.lastTest).toBeNull();
  });

  it('is ignored by an update of a connection whose secrets cannot be decrypted', async () => {
    const { id } = await connections.create(CALLER, values());
    const { testId } = await tested(values());
    await module.dataSource.getRepository(ConnectionRow).update({ id }, { secrets: 'unreadable' });
    expect(await connections.update(CALLER, id, { name: 'New', testId })).toMatchObject({
      name: 'New',
      lastTest: null,
    });
  });

  it('is deleted by the next purge after it has expired', async () => {
    await tested({ ...values(), to: ['ada@recipient.example'] });
    const purge = async (minutes: number) => {
      await module.app.get(PurgeService).purge({ now: new Date(Date.now() + minutes * 60 * 1000) });
      return (await module.rows('unsaved_tests')).length;
    };
    expect(await purge(59)).toBeGreaterThan(0);
    expect(await purge(61)).toBe(0);
  });

  it('does not replace a newer result of the saved values', async () => {
    const { id } = await connections.create(CALLER, values());
    const { testId } = await tested({ connectionId: id });
    module.adapter.answer = async () => FAILED;
    const { testedAt } = await tester.test(CALLER, id);
    const { lastTest } = await connections.update(CALLER, id, { name: 'New', testId });
    expect(lastTest).toMatchObject({ testedAt: testedAt.toISOString(), ok: false });
    expect(await tester.history(CALLER, id)).toHaveLength(2);
  });

  it('is stored without the values, and at most fifty times for each organization', async () => {
    const caller = { ...CALLER, organization: 'busy' };
    const earlier = Array.from({ length: 52 }, (_, n) => ({
      id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      organization: caller.organization,
      actor: caller.actor,
      digest: '0'.repeat(64),
      testedAt: new Date(),
      diagnosis: PASSED,
    }));
    await module.dataSource.getRepository(UnsavedTestRow).insert(earlier);
    const { testId } = await tested(values(), caller);
    const rows = await module.rows('unsaved_tests');
    expect(rows.filter(({ organization }) => organization === 'busy')).toHaveLength(50);
    expect(rows.map(({ id }) => id)).toContain(testId);
    expect(findSecrets(Buffer.from(JSON.stringify(rows)), [API_KEY])).toEqual([]);
    expect(JSON.stringify(rows)).not.toContain('news@sender.example');
  });
});

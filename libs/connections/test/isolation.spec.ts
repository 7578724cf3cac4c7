import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { type Caller, ConnectionNotFoundError, ConnectionsService, ConnectionTester } from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { failureOf } from './support/outcome.ts';
import { TestModule } from './support/test-module.ts';

const ACME: Caller = { organization: 'acme', actor: 'user:1' };

describe.each(DATABASES)('organizations on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let tester: ConnectionTester;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
    tester = module.app.get(ConnectionTester);
    id = (await connections.create(ACME, fakeConnection())).id;
    await tester.test(ACME, id);
  });

  afterAll(async () => {
    await module.end();
  });

  it.each(['Acme', 'ACME', 'other', 'acm_', 'acme%'])('acme and %s see nothing of each other', async (organization) => {
    const stranger: Caller = { organization, actor: 'user:9' };
    const before = [await module.rows('connections'), await module.rows('audit_entries')];
    const calls = module.adapter.calls.length;
    for (const call of [
      () => connections.get(stranger, id),
      () => connections.update(stranger, id, { name: 'Taken' }),
      () => connections.update(stranger, id, {}),
      () => connections.update(stranger, id, { name: 'Taken' }, 99),
      () => connections.delete(stranger, id),
      () => tester.test(stranger, id),
      () => tester.history(stranger, id),
      () => tester.testUnsaved(stranger, { connectionId: id, settings: {} }),
    ]) {
      expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
    }
    expect((await connections.list(stranger)).data).toEqual([]);
    expect((await connections.list(stranger, { text: 'relay', vendor: 'fake' })).data).toEqual([]);
    const own = await connections.create(stranger, fakeConnection());
    expect((await connections.list(stranger)).data.map((one) => one.id)).toEqual([own.id]);
    expect((await connections.list(ACME)).data.map((one) => one.id)).toEqual([id]);
    await connections.delete(stranger, own.id);
    expect(module.adapter.calls).toHaveLength(calls);
    const rows = (await module.rows('connections')).filter((row) => row['organization'] === 'acme');
    expect(rows.map(({ guard: _guard, ...row }) => row)).toEqual(
      (before[0] ?? []).filter((row) => row['organization'] === 'acme').map(({ guard: _guard, ...row }) => row),
    );
    expect((await module.rows('audit_entries')).filter((row) => row['organization'] === 'acme')).toEqual(
      (before[1] ?? []).filter((row) => row['organization'] === 'acme'),
    );
  });

  // MariaDB compares without regard to trailing blanks, and fails on what is not ASCII: neither may happen in silence.
  it.each(['', 'acme ', ' acme', 'acmé', 'a'.repeat(65), 'acme\0', 'acme\n'])(
    'cannot be named %j',
    async (organization) => {
      const odd: Caller = { organization, actor: 'user:9' };
      for (const call of [
        () => connections.create(odd, fakeConnection()),
        () => connections.list(odd),
        () => connections.get(odd, id),
        () => connections.update(odd, id, { name: 'Taken' }),
        () => connections.delete(odd, id),
        () => tester.test(odd, id),
        () => tester.history(odd, id),
      ]) {
        expect(await failureOf(call())).toBeInstanceOf(TypeError);
      }
    },
  );
});

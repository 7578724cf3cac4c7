import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { findSecrets } from '../../../test/support/secret-search.ts';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { ConnectionNotFoundError, ConnectionsService, VersionMismatchError } from '../src/index.ts';
import { API_KEY, fakeConnection } from './support/inputs.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

const MANY = process.env['TEST_LONG'] === '1' ? 200 : 40;
const NOBODY = '01900000-0000-7000-8000-000000000000';

describe.each(DATABASES)('connections on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
  });

  afterAll(async () => {
    await module.end();
  });

  it('are created, read and shown without a secret', async () => {
    const created = await connections.create(CALLER, fakeConnection({ secondKey: 'short', note: 'ü🔑' }));
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'Relay',
      vendor: 'fake',
      settings: { baseUrl: 'https://api.fake.example', authentication: 'key', mode: 'global', note: 'ü🔑', retries: 3 },
      secrets: {
        apiKey: { set: true, hint: '6789', updatedAt: created.createdAt.toISOString() },
        secondKey: { set: true, hint: null, updatedAt: created.createdAt.toISOString() },
      },
      fromEmail: 'news@sender.example',
      fromName: 'News',
      senders: [{ email: 'news@sender.example', name: 'News' }],
      allowedSenderDomains: [],
      checkSuppressions: true,
      limits: null,
      allowance: null,
      mode: 'live',
      redirectTo: null,
      enabled: true,
      disabledAt: null,
      lastTest: null,
      webhook: { supported: false, url: null, state: 'unsupported', lastEventAt: null },
      usages: { total: 0, active: 0 },
      createdAt: expect.any(Date),
      updatedAt: created.createdAt,
      version: 1,
    });
    expect(await connections.get(CALLER, created.id)).toEqual(created);
    expect(findSecrets(Buffer.from(JSON.stringify(await module.row(created.id))), [API_KEY, 'short'])).toEqual([]);
  });

  it('keep names of every language, whatever the default character set of the database is', async () => {
    const database = await createDatabase(kind);
    if (kind === 'MariaDB') {
      const server = await createConnection({ uri: database.url });
      await server.query('ALTER DATABASE CHARACTER SET latin1');
      await server.end();
    }
    const other = await TestModule.on(database);
    const name = 'Рассылка ✉️ 配信 🔑';
    const { id } = await other.app
      .get(ConnectionsService)
      .create(CALLER, { ...fakeConnection(), name, fromName: name });
    expect(await other.app.get(ConnectionsService).get(CALLER, id)).toMatchObject({ name, fromName: name });
    await other.end();
  });

  it('name every fault of what was sent', async () => {
    expect(await faultsOf(connections.create(CALLER, {} as any))).toEqual([
      '/name required',
      '/vendor required',
      '/settings required',
    ]);
    const input: any = { name: 5, vendor: 'fake', fromEmail: 'x', color: 1, settings: {} };
    expect(await faultsOf(connections.create(CALLER, input))).toEqual([
      '/name wrong_type',
      '/fromEmail invalid_email',
      '/color unknown_field',
      '/settings/apiKey required',
    ]);
    const settings = { apiKey: 'x', retries: 10, region: 'eu', nonsense: null, zone: 'a' };
    expect(await faultsOf(connections.create(CALLER, fakeConnection(settings)))).toEqual([
      '/settings/zone not_applicable',
      '/settings/region not_applicable',
      '/settings/retries out_of_range',
      '/settings/nonsense unknown_field',
    ]);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`m${String(n)}`, n]));
    expect(await faultsOf(connections.create(CALLER, many as any))).toHaveLength(100);
  });

  it.each<any>([null, undefined, [], 'text', 5])('refuse %j in place of an object', async (odd) => {
    expect(await faultsOf(connections.create(CALLER, odd))).toEqual([' wrong_type']);
    const input = { ...fakeConnection(), settings: odd };
    const code = (odd ?? null) === null ? 'required' : 'wrong_type';
    expect(await faultsOf(connections.create(CALLER, input))).toEqual([`/settings ${code}`]);
  });

  it.each<any>(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'FAKE', 'fake ', 5, null, {}, ['fake']])(
    'know no vendor %j',
    async (vendor) => {
      const isMissing = vendor === null || vendor === '';
      const code = isMissing ? 'required' : typeof vendor === 'string' ? 'unknown_vendor' : 'wrong_type';
      const fault = `/vendor ${code}`;
      expect(await faultsOf(connections.create(CALLER, { ...fakeConnection(), vendor }))).toEqual([fault]);
    },
  );

  it.each(['constructor', '__proto__', 'toString'])('know no member and no field %s', async (name) => {
    const code = name === '__proto__' ? 'not_allowed' : 'unknown_field';
    const odd = (value: string): any => JSON.parse(`{"${name}": ${value}}`);
    const input = { ...fakeConnection(), ...JSON.parse('{}') } as object;
    const member: any = JSON.parse(`${JSON.stringify(input).slice(0, -1)},"${name}":1}`);
    expect(await faultsOf(connections.create(CALLER, member))).toEqual([`/${name} ${code}`]);
    const { id } = await connections.create(CALLER, fakeConnection());
    for (const value of ['1', 'null', '{}']) {
      expect(await faultsOf(connections.update(CALLER, id, { settings: odd(value) }))).toEqual([
        `/settings/${name} ${code}`,
      ]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('are changed only in the version that the caller saw', async () => {
    const { id } = await connections.create(CALLER, fakeConnection());
    expect((await connections.update(CALLER, id, { name: 'Two' }, 1)).version).toBe(2);
    for (const call of [
      () => connections.update(CALLER, id, { name: 'Late' }, 1),
      () => connections.delete(CALLER, id, 1),
    ]) {
      const failure = (await failureOf(call())) as VersionMismatchError;
      expect(failure).toBeInstanceOf(VersionMismatchError);
      expect(failure.currentVersion).toBe(2);
    }
    expect(await connections.get(CALLER, id)).toMatchObject({ name: 'Two', version: 2 });
    const racers = Array.from({ length: 10 }, (_, n) =>
      connections.update(CALLER, id, { name: `Racer ${String(n)}` }, 2),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await connections.get(CALLER, id)).version).toBe(3);
  });

  it(`lose none of ${String(MANY)} changes of one connection, and none of ${String(MANY)} that are created, at once`, async () => {
    const { id } = await connections.create(CALLER, fakeConnection());
    const before = (await module.rows('connections')).length;
    await Promise.all([
      ...Array.from({ length: MANY }, (_, n) => connections.update(CALLER, id, { name: `Change ${String(n)}` })),
      ...Array.from({ length: MANY }, (_, n) =>
        connections.create(CALLER, { ...fakeConnection(), name: `New ${String(n)}` }),
      ),
    ]);
    expect((await connections.get(CALLER, id)).version).toBe(MANY + 1);
    expect(await module.rows('connections')).toHaveLength(before + MANY);
    const changes = (await audit(id)).filter((row) => row['action'] === 'connection.update');
    expect(changes).toHaveLength(MANY);
  }, 60_000);

  it('are gone for every call after they were deleted, while the row stays', async () => {
    const { id } = await connections.create(CALLER, fakeConnection());
    await connections.delete(CALLER, id);
    for (const call of [
      () => connections.get(CALLER, id),
      () => connections.update(CALLER, id, { name: 'x' }),
      () => connections.delete(CALLER, id),
      () => connections.disable(CALLER, id),
      () => connections.enable(CALLER, id),
    ]) {
      expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
    }
    expect(await module.row(id)).toMatchObject({ secrets: expect.stringContaining('..') });
  });

  it.each([NOBODY, NOBODY.toUpperCase(), '', 'x', 'é', "' OR 1=1 --", '%', '\0'])(
    'know none with the id %j',
    async (id) => {
      for (const call of [
        () => connections.get(CALLER, id),
        () => connections.update(CALLER, id, { name: 'x' }),
        () => connections.delete(CALLER, id),
      ]) {
        expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
      }
    },
  );

  it('are disabled and enabled again, each once, with a new version and an audit entry', async () => {
    const { id } = await connections.create(CALLER, fakeConnection());
    const disabled = await connections.disable(CALLER, id, 1);
    expect(disabled).toMatchObject({ enabled: false, disabledAt: expect.any(Date), version: 2 });
    expect(await connections.disable(CALLER, id)).toEqual(disabled);
    expect(module.adapter.released).toContain(`${id}:1`);
    const ofCaller = async (enabled?: boolean): Promise<boolean> =>
      (await connections.list(CALLER, { enabled, limit: 100 })).data.some((one) => one.id === id);
    expect([await ofCaller(true), await ofCaller(false), await ofCaller()]).toEqual([false, true, true]);
    expect(await failureOf(connections.enable(CALLER, id, 1))).toBeInstanceOf(VersionMismatchError);
    expect(await connections.update(CALLER, id, { name: 'Renamed' })).toMatchObject({ enabled: false, version: 3 });
    expect(await connections.enable(CALLER, id, 3)).toMatchObject({ enabled: true, disabledAt: null, version: 4 });
    expect(await connections.enable(CALLER, id)).toMatchObject({ version: 4 });
    expect([await ofCaller(true), await ofCaller(false)]).toEqual([true, false]);
    expect((await audit(id)).map(({ action }) => action).slice(1)).toEqual([
      'connection.disable',
      'connection.update',
      'connection.enable',
    ]);
    await connections.disable(CALLER, id);
    await connections.delete(CALLER, id);
  });

  it('leave a trail of who changed which fields, and of no value', async () => {
    const { id } = await connections.create(CALLER, { ...fakeConnection({ note: 'A note' }), fromName: null });
    const caller = { ...CALLER, actor: 'user:2' };
    await connections.update(caller, id, {
      name: 'Other',
      fromEmail: null,
      settings: { note: null, apiKey: 'new-key' },
    });
    await failureOf(connections.update(caller, id, { name: '' }));
    await connections.delete(caller, id);
    const trail = (await audit(id)).map(({ actor, action, fields }) => [
      actor,
      action,
      typeof fields === 'string' ? (JSON.parse(fields) as unknown) : fields,
    ]);
    expect(trail).toEqual([
      [
        'user:1',
        'connection.create',
        [
          'name',
          'fromEmail',
          'settings.baseUrl',
          'settings.authentication',
          'settings.apiKey',
          'settings.mode',
          'settings.note',
          'settings.retries',
        ],
      ],
      ['user:2', 'connection.update', ['name', 'fromEmail', 'settings.apiKey', 'settings.note']],
      ['user:2', 'connection.delete', []],
    ]);
    const text = JSON.stringify(await audit(id));
    for (const value of [API_KEY, 'new-key', 'A note', 'Other', 'news@sender.example'])
      expect(text).not.toContain(value);
  });

  async function audit(id: string): Promise<Row[]> {
    return (await module.rows('audit_entries')).filter((row) => row['subject'] === id);
  }
});

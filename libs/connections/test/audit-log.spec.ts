import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  AuditLogService,
  type AuditQuery,
  AuditRepository,
  type Caller,
  ConnectionsService,
  UnitOfWork,
} from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const OTHER: Caller = { organization: 'globex', actor: 'user:1' };
const LOOKALIKES = ['user:Anna', 'user:anna', 'user:anna ', 'user:ännä'];

describe.each(DATABASES)('the audit log on %s', (kind) => {
  let module: TestModule;
  let log: AuditLogService;
  let first: string;
  let second: string;
  let deletedAt: Date;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    log = module.app.get(AuditLogService);
    const connections = module.app.get(ConnectionsService);
    first = (await connections.create(CALLER, { ...fakeConnection(), name: 'First' })).id;
    second = (await connections.create(CALLER, { ...fakeConnection(), name: 'Second' })).id;
    await connections.update(CALLER, first, { name: 'Renamed' });
    await connections.create(OTHER, fakeConnection());
    const units = module.app.get(UnitOfWork);
    for (const actor of LOOKALIKES) {
      await units.write((tx) =>
        module.app.get(AuditRepository).record(tx, { ...CALLER, actor }, 'api_key.create', 'key'),
      );
    }
    // The times of the entries have milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 2));
    deletedAt = new Date();
    await connections.delete({ ...CALLER, actor: 'user:2' }, first);
  });

  afterAll(() => module.end());

  const listed = async (query: AuditQuery = {}, caller = CALLER): Promise<string[]> =>
    (await log.list(caller, query)).data.map(({ action, subject, connectionName, actor }) => {
      const name = subject === first ? '1' : subject === second ? '2' : subject;
      return [action, name, connectionName, actor].join(' ');
    });
  const KEYS = LOOKALIKES.map((actor) => `api_key.create key  ${actor}`).toReversed();
  const ALL = [
    'connection.delete 1 Renamed user:2',
    ...KEYS,
    'connection.update 1 Renamed user:1',
    'connection.create 2 Second user:1',
    'connection.create 1 Renamed user:1',
  ];

  it('lists the entries of the organization newest first, with names of deleted connections', async () => {
    expect(await listed()).toEqual(ALL);
    expect(await listed({}, { organization: 'nobody', actor: 'user:1' })).toEqual([]);
    const [update] = (await log.list(CALLER, { action: 'connection.update' })).data;
    expect(update).toMatchObject({ subject: first, fields: ['name'], happenedAt: expect.any(Date) });
    expect(Object.keys(update ?? {}).toSorted()).toEqual([
      'action',
      'actor',
      'connectionName',
      'fields',
      'happenedAt',
      'id',
      'subject',
    ]);
  });

  it('filters by connection, action, actor and time, and by all of them', async () => {
    expect(await listed({ connection: second })).toEqual([ALL[6]]);
    expect(await listed({ action: 'connection.create' })).toEqual(ALL.slice(6));
    expect(await listed({ actor: 'user:2' })).toEqual([ALL[0]]);
    expect(await listed({ from: deletedAt })).toEqual([ALL[0]]);
    expect(await listed({ to: deletedAt })).toEqual(ALL.slice(1));
    const everything = { connection: first, action: 'connection.delete', actor: 'user:2', from: deletedAt } as const;
    expect(await listed(everything)).toEqual([ALL[0]]);
    expect(await listed({ ...everything, to: deletedAt })).toEqual([]);
  });

  it('compares actors byte for byte', async () => {
    for (const actor of LOOKALIKES) expect(await listed({ actor })).toEqual([`api_key.create key  ${actor}`]);
  });

  it('finds nothing by a connection of another organization, or by no ID at all', async () => {
    expect(await listed({ connection: first }, OTHER)).toEqual([]);
    expect((await listed({}, OTHER)).length).toBe(1);
    for (const connection of ['', 'x', 'é', 'key']) expect(await listed({ connection })).toEqual([]);
  });

  it('goes page by page, and rejects other cursors', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await log.list(CALLER, { limit: 3, cursor });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.length).toBe(ALL.length);
    expect(seen).toEqual((await log.list(CALLER)).data.map(({ id }) => id));
    expect(await faultsOf(log.list(CALLER, { cursor: 'x' }))).toEqual(['/cursor invalid_cursor']);
    expect(await faultsOf(log.list(CALLER, { limit: 101 }))).toEqual(['/limit out_of_range']);
  });

  it('reads only rows of the index for its filter', async () => {
    if (kind === 'SQLite') {
      const sql =
        'EXPLAIN QUERY PLAN SELECT * FROM audit_entries WHERE organization = ? AND actor = ? ORDER BY id DESC';
      const [plan] = await module.dataSource.query<{ detail: string }[]>(sql, ['acme', 'user:1']);
      expect(plan?.detail).toMatch(/USING INDEX ix_audit_entries_actor/);
    } else {
      const sql =
        'EXPLAIN SELECT * FROM audit_entries USE INDEX (ix_audit_entries_actor) WHERE organization = ? AND actor = ? ORDER BY id DESC LIMIT 5';
      const [plan] = await module.dataSource.query<{ key: string; Extra: string }[]>(sql, ['acme', 'user:1']);
      expect(plan?.key).toBe('ix_audit_entries_actor');
      expect(plan?.Extra).not.toMatch(/filesort/);
    }
  });
});

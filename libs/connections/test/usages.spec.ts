import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  type Caller,
  ConnectionDisabledError,
  ConnectionInUseError,
  ConnectionNotFoundError,
  ConnectionsService,
  MAX_USAGES,
  TooManyUsagesError,
  USAGE_STATUSES,
  UsagesService,
  VersionMismatchError,
} from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

const RUNNING = { name: 'Spring sale', status: 'running' } as const;
const ACTIVE = new Set(['scheduled', 'running', 'paused']);

describe.each(DATABASES)('usages on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let usages: UsagesService;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
    usages = module.app.get(UsagesService);
  });

  beforeEach(async () => {
    id = (await connections.create(CALLER, fakeConnection())).id;
  });

  afterAll(async () => {
    await module.end();
  });

  const stored = async (): Promise<Row[]> =>
    module.dataSource.query('SELECT * FROM connection_usages WHERE connection_id = ? ORDER BY ref', [id]);
  const audit = async (): Promise<[unknown, unknown, string[]][]> =>
    (await module.rows('audit_entries'))
      .filter((row) => row['subject'] === id && /claim|release/.test(String(row['action'])))
      .map(({ actor, action, fields }) => [
        actor,
        action,
        (typeof fields === 'string' ? JSON.parse(fields) : fields) as string[],
      ]);

  it('are claimed, changed and released, and each change leaves a trail', async () => {
    const { usage, created } = await usages.claim(CALLER, id, 'campaign', '42', { ...RUNNING, status: 'scheduled' });
    expect([created, usage]).toEqual([
      true,
      {
        consumer: 'campaign',
        ref: '42',
        name: 'Spring sale',
        status: 'scheduled',
        active: true,
        createdAt: expect.any(Date),
        updatedAt: usage.createdAt,
      },
    ]);
    await usages.claim(CALLER, id, 'journey', '42', { name: 'Welcome', status: 'draft' });
    const changed = await usages.claim({ ...CALLER, actor: 'user:2' }, id, 'campaign', '42', {
      name: 'Summer sale',
      status: 'completed',
    });
    expect([changed.created, changed.usage]).toEqual([
      false,
      {
        ...usage,
        name: 'Summer sale',
        status: 'completed',
        active: false,
        updatedAt: changed.usage.updatedAt,
      },
    ]);
    const listed = await usages.list(CALLER, id);
    expect(listed.map(({ consumer, ref }) => `${consumer} ${ref}`).toSorted()).toEqual(['campaign 42', 'journey 42']);
    expect(listed).toContainEqual(changed.usage);
    await usages.release(CALLER, id, 'campaign', '42');
    await usages.release(CALLER, id, 'campaign', '42');
    expect((await usages.list(CALLER, id)).map(({ name }) => name)).toEqual(['Welcome']);
    expect(await audit()).toEqual([
      ['user:1', 'connection.claim', ['usages/campaign/42']],
      ['user:1', 'connection.claim', ['usages/journey/42']],
      ['user:2', 'connection.claim', ['usages/campaign/42.name', 'usages/campaign/42.status']],
      ['user:1', 'connection.release', ['usages/campaign/42']],
    ]);
  });

  it('are the same when they are claimed twice, and the second time leaves no trail', async () => {
    const first = await usages.claim(CALLER, id, 'campaign', 'a', RUNNING);
    const rows = await stored();
    expect(await usages.claim(CALLER, id, 'campaign', 'a', RUNNING)).toEqual({ usage: first.usage, created: false });
    expect(await stored()).toEqual(rows);
    expect(await audit()).toHaveLength(1);
    const racers = Array.from({ length: 20 }, () => usages.claim(CALLER, id, 'journey', 'b', RUNNING));
    expect((await Promise.all(racers)).filter(({ created }) => created)).toHaveLength(1);
    expect(await audit()).toHaveLength(2);
  });

  it.each(USAGE_STATUSES)('with the status %s keep the connection only if it is an active one', async (status) => {
    await usages.claim(CALLER, id, 'journey', 'w', { name: 'Welcome', status });
    const isActive = ACTIVE.has(status);
    expect((await connections.get(CALLER, id)).usages).toEqual({ total: 1, active: isActive ? 1 : 0 });
    expect((await usages.list(CALLER, id))[0]?.active).toBe(isActive);
    const failure = await failureOf(connections.delete(CALLER, id));
    if (isActive) {
      expect(failure).toBeInstanceOf(ConnectionInUseError);
      expect((await connections.get(CALLER, id)).id).toBe(id);
    } else {
      expect(failure.message).toBe('It did not fail.');
    }
  });

  it('are named, oldest first, when they keep a connection from being deleted', async () => {
    for (const [index, status] of (['draft', 'paused', 'completed', 'running', 'scheduled'] as const).entries()) {
      await usages.claim(CALLER, id, 'campaign', `c${String(index)}`, { name: `No. ${String(index)}`, status });
    }
    const failure = (await failureOf(connections.delete(CALLER, id))) as ConnectionInUseError;
    expect(failure).toBeInstanceOf(ConnectionInUseError);
    expect(failure.usages.map(({ name, status }) => [name, status])).toEqual([
      ['No. 1', 'paused'],
      ['No. 3', 'running'],
      ['No. 4', 'scheduled'],
    ]);
    expect(failure.message).toContain('3 campaigns and journeys');
    expect(await failureOf(connections.delete(CALLER, id, 9))).toBeInstanceOf(VersionMismatchError);
    await usages.release(CALLER, id, 'campaign', 'c1');
    await usages.claim(CALLER, id, 'campaign', 'c3', { name: 'No. 3', status: 'failed' });
    expect(((await failureOf(connections.delete(CALLER, id))) as ConnectionInUseError).total).toBe(1);
    await usages.claim(CALLER, id, 'campaign', 'c4', { name: 'No. 4', status: 'canceled' });
    await connections.delete(CALLER, id);
    expect(await failureOf(connections.get(CALLER, id))).toBeInstanceOf(ConnectionNotFoundError);
    // They are history now, like the connection.
    expect(await stored()).toHaveLength(4);
  });

  it('of a deleted connection cannot be claimed, released or listed', async () => {
    await usages.claim(CALLER, id, 'campaign', 'over', { name: 'Over', status: 'completed' });
    await connections.delete(CALLER, id);
    const rows = await stored();
    for (const call of [
      () => usages.claim(CALLER, id, 'campaign', 'new', RUNNING),
      () => usages.claim(CALLER, id, 'campaign', 'over', RUNNING),
      () => usages.release(CALLER, id, 'campaign', 'over'),
      () => usages.list(CALLER, id),
    ]) {
      expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
    }
    expect(await stored()).toEqual(rows);
  });

  it('keep a connection from being disabled, and cannot begin while it is disabled', async () => {
    await usages.claim(CALLER, id, 'campaign', 'old', { name: 'Old', status: 'draft' });
    await usages.claim(CALLER, id, 'campaign', 'now', RUNNING);
    const failure = (await failureOf(connections.disable(CALLER, id))) as ConnectionInUseError;
    expect(failure).toBeInstanceOf(ConnectionInUseError);
    expect(failure.usages.map(({ ref }) => ref)).toEqual(['now']);
    await usages.release(CALLER, id, 'campaign', 'now');
    await connections.disable(CALLER, id);
    const claims = [
      ['new', 'running'],
      ['new', 'draft'],
      ['old', 'scheduled'],
    ] as const;
    for (const [ref, status] of claims) {
      const refused = usages.claim(CALLER, id, 'campaign', ref, { name: 'Old', status });
      expect(await failureOf(refused)).toBeInstanceOf(ConnectionDisabledError);
    }
    // It can be reported that one has ended.
    await usages.claim(CALLER, id, 'campaign', 'old', { name: 'Old', status: 'canceled' });
    await usages.release(CALLER, id, 'campaign', 'old');
    await connections.enable(CALLER, id);
    expect((await usages.claim(CALLER, id, 'campaign', 'new', RUNNING)).created).toBe(true);
  });

  describe('that are moved to another connection', () => {
    let other: string;
    beforeEach(async () => {
      other = (await connections.create(CALLER, { ...fakeConnection(), name: 'Other' })).id;
    });
    const refsOf = async (one: string): Promise<string[]> =>
      (await usages.list(CALLER, one)).map(({ ref, status }) => `${ref} ${status}`).toSorted();

    it('are needed there, so that the first one can be deleted', async () => {
      for (const [ref, status] of [
        ['a', 'running'],
        ['b', 'paused'],
        ['old', 'completed'],
      ] as const) {
        await usages.claim(CALLER, id, 'campaign', ref, { name: ref, status });
      }
      const moved = await usages.move(CALLER, id, { to: other });
      expect(moved.map(({ ref, active }) => [ref, active])).toEqual([
        ['a', true],
        ['b', true],
      ]);
      expect([await refsOf(id), await refsOf(other)]).toEqual([['old completed'], ['a running', 'b paused']]);
      expect(await usages.move(CALLER, id, { to: other })).toEqual([]);
      await connections.delete(CALLER, id);
      expect(await failureOf(connections.disable(CALLER, other))).toBeInstanceOf(ConnectionInUseError);
      const entries = (await module.rows('audit_entries')).filter((row) => row['action'] === 'connection.move_usages');
      const fields = (subject: string): unknown =>
        entries
          .filter((row) => row['subject'] === subject)
          .map((row) => (typeof row['fields'] === 'string' ? (JSON.parse(row['fields']) as unknown) : row['fields']));
      const names = ['usages/campaign/a', 'usages/campaign/b'];
      expect(fields(id)).toEqual([[`to/${other}`, ...names]]);
      expect(fields(other)).toEqual([[`from/${id}`, ...names]]);
    });

    it('become one with those of the other connection, and are active', async () => {
      await usages.claim(CALLER, id, 'campaign', 'both', { name: 'New', status: 'running' });
      await usages.claim(CALLER, id, 'journey', 'both', { name: 'New', status: 'running' });
      await usages.claim(CALLER, id, 'campaign', 'split', { name: 'New', status: 'running' });
      await usages.claim(CALLER, other, 'campaign', 'both', { name: 'Old', status: 'draft' });
      await usages.claim(CALLER, other, 'campaign', 'split', { name: 'Old', status: 'paused' });
      const moved = await usages.move(CALLER, id, { to: other });
      expect(moved.map(({ consumer, ref, name, status }) => `${consumer} ${ref} ${name} ${status}`).toSorted()).toEqual(
        ['campaign both New running', 'campaign split Old paused', 'journey both New running'],
      );
      expect(await refsOf(id)).toEqual([]);
    });

    it('stay if the other connection does not exist, is disabled or is the same', async () => {
      await usages.claim(CALLER, id, 'campaign', 'a', RUNNING);
      const foreign = (await connections.create({ ...CALLER, organization: 'other' }, fakeConnection())).id;
      await connections.disable(CALLER, other);
      const move = (to: any): Promise<unknown> => usages.move(CALLER, id, { to });
      expect(await failureOf(move(other))).toBeInstanceOf(ConnectionDisabledError);
      for (const to of [foreign, 'x', "' OR 1=1"]) expect(await faultsOf(move(to))).toEqual(['/to not_found']);
      expect(await faultsOf(move(id))).toEqual(['/to not_an_option']);
      expect(await faultsOf(move(undefined))).toEqual(['/to required']);
      await connections.delete(CALLER, other);
      expect(await faultsOf(move(other))).toEqual(['/to not_found']);
      expect(await failureOf(usages.move(CALLER, foreign, { to: id }))).toBeInstanceOf(ConnectionNotFoundError);
      expect(await refsOf(id)).toEqual(['a running']);
    });
  });

  it('belong to the organization of their connection', async () => {
    await usages.claim(CALLER, id, 'campaign', 'mine', RUNNING);
    const rows = await stored();
    const stranger: Caller = { organization: 'ACME', actor: 'user:9' };
    for (const call of [
      () => usages.claim(stranger, id, 'campaign', 'theirs', RUNNING),
      () => usages.claim(stranger, id, 'campaign', 'mine', { ...RUNNING, status: 'stopped' }),
      () => usages.release(stranger, id, 'campaign', 'mine'),
      () => usages.list(stranger, id),
    ]) {
      expect(await failureOf(call())).toBeInstanceOf(ConnectionNotFoundError);
    }
    expect(await stored()).toEqual(rows);
  });

  it('name every fault of what was sent, and the statuses that there are', async () => {
    const claim = (input: any) => usages.claim(CALLER, id, 'campaign', 'x', input);
    expect(await faultsOf(claim({}))).toEqual(['/name required', '/status required']);
    expect(await faultsOf(claim({ name: '', status: 'running' }))).toEqual(['/name required']);
    expect(await faultsOf(claim({ name: 'x'.repeat(201), status: 'Running' }))).toEqual([
      '/name too_long',
      '/status not_an_option',
    ]);
    expect(await faultsOf(claim({ name: 'a\nb', status: 7, active: true }))).toEqual([
      '/name control_character',
      '/status wrong_type',
      '/active unknown_field',
    ]);
    for (const odd of [null, undefined, [], 'running']) expect(await faultsOf(claim(odd))).toEqual([' wrong_type']);
    const failure = await failureOf(claim({ name: 'x', status: 'archived' }));
    for (const status of USAGE_STATUSES) expect(failure.message).toContain(`"${status}"`);
    expect(await faultsOf(usages.claim(CALLER, id, 'segment', 'a/b', { name: 'x' } as any))).toEqual([
      '/consumer not_an_option',
      '/ref invalid',
      '/status required',
    ]);
    expect(await stored()).toEqual([]);
  });

  it('keep what they were when a status is refused that is not known here', async () => {
    await usages.claim(CALLER, id, 'campaign', 'x', RUNNING);
    expect(
      await faultsOf(usages.claim(CALLER, id, 'campaign', 'x', { ...RUNNING, status: 'archived' } as any)),
    ).toEqual(['/status not_an_option']);
    expect(await failureOf(connections.delete(CALLER, id))).toBeInstanceOf(ConnectionInUseError);
  });

  it.each(['', '.', '..', 'a b', 'a/b', 'é', 'a\0', 'a\n', 'x'.repeat(65)])('cannot be called %j', async (ref) => {
    expect(await faultsOf(usages.claim(CALLER, id, 'campaign', ref, RUNNING))).toEqual(['/ref invalid']);
    expect(await faultsOf(usages.release(CALLER, id, 'campaign', ref))).toEqual(['/ref invalid']);
  });

  it('may be called by any visible ASCII, and differ in case', async () => {
    const visible = Array.from({ length: 0x7f - 0x21 }, (_, n) => String.fromCharCode(0x21 + n)).filter(
      (character) => character !== '/',
    );
    const refs = [visible.slice(0, 50).join(''), visible.slice(50).join(''), 'abc', 'ABC', '...', 'x'.repeat(64)];
    for (const ref of refs) await usages.claim(CALLER, id, 'journey', ref, { ...RUNNING, name: 'x'.repeat(200) });
    expect((await usages.list(CALLER, id)).map(({ ref }) => ref).toSorted()).toEqual(refs.toSorted());
  });

  it('end at ten thousand of one connection; those that are there can still change', async () => {
    const now = '2026-01-01 00:00:00.000';
    for (let start = 0; start < MAX_USAGES; start += 2_500) {
      const values = Array.from({ length: 2_500 }, (_, n) => {
        return `('${id}', 'campaign', '${String(start + n)}', 'n', '${n % 2 === 0 ? 'running' : 'completed'}', '${now}', '${now}')`;
      });
      await module.dataSource.query(
        `INSERT INTO connection_usages (connection_id, consumer, ref, name, status, created_at, updated_at) VALUES ${values.join(',')}`,
      );
    }
    const more = (): Promise<unknown> => usages.claim(CALLER, id, 'journey', 'more', RUNNING);
    expect(await failureOf(more())).toBeInstanceOf(TooManyUsagesError);
    expect((await usages.claim(CALLER, id, 'campaign', '0', { name: 'n', status: 'completed' })).created).toBe(false);
    expect((await connections.get(CALLER, id)).usages).toEqual({ total: MAX_USAGES, active: MAX_USAGES / 2 - 1 });
    const failure = (await failureOf(connections.delete(CALLER, id))) as ConnectionInUseError;
    expect([failure.usages.length, failure.total]).toEqual([100, MAX_USAGES / 2 - 1]);
    const other = (await connections.create(CALLER, fakeConnection())).id;
    await usages.claim(CALLER, other, 'journey', 'more', RUNNING);
    expect(await failureOf(usages.move(CALLER, other, { to: id }))).toBeInstanceOf(TooManyUsagesError);
    await usages.move(CALLER, id, { to: other });
    expect((await connections.get(CALLER, other)).usages).toEqual({ total: MAX_USAGES / 2, active: MAX_USAGES / 2 });
    await more();
  }, 60_000);

  it('are counted for a whole page of the list in one query', async () => {
    const caller = { ...CALLER, organization: 'counted' };
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) {
      ids.push((await connections.create(caller, fakeConnection())).id);
      for (let m = 0; m < n; m++) {
        const status = m % 3 === 0 ? 'running' : 'completed';
        await usages.claim(caller, ids[n] ?? '', 'campaign', String(m), { name: 'n', status });
      }
    }
    const { statements, result } = await recordStatements(module.dataSource, () =>
      connections.list(caller, { limit: 100 }),
    );
    expect(statements.filter((sql) => sql.includes('connection_usages'))).toHaveLength(1);
    expect(result.data.map((one) => [one.id, one.usages])).toEqual(
      ids.map((one, n) => [one, { total: n, active: Math.ceil(n / 3) }]).toReversed(),
    );
  });

  it('show in what creating and changing a connection answers', async () => {
    expect((await connections.create(CALLER, fakeConnection())).usages).toEqual({ total: 0, active: 0 });
    await usages.claim(CALLER, id, 'campaign', 'a', RUNNING);
    expect((await connections.update(CALLER, id, { name: 'Renamed' })).usages).toEqual({ total: 1, active: 1 });
    expect((await connections.update(CALLER, id, {})).usages).toEqual({ total: 1, active: 1 });
  });
});

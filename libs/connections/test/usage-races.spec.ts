import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  ConnectionDisabledError,
  ConnectionInUseError,
  ConnectionNotFoundError,
  ConnectionsService,
  UsagesService,
} from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const RACES = process.env['TEST_LONG'] === '1' ? 1_000 : 60;
const AT_ONCE = 10;

/** What may happen to a connection while a campaign launches, and how the launch fails if that comes first. */
const RIVALS = { delete: ConnectionNotFoundError, disable: ConnectionDisabledError };
type Rival = keyof typeof RIVALS;

describe.each(DATABASES)('the launch of a campaign on %s', (kind) => {
  let module: TestModule;

  beforeAll(async () => {
    module = await TestModule.start(kind);
  });

  afterAll(async () => {
    await module.end();
  });

  const launch = (id: string): Promise<unknown> =>
    module.app.get(UsagesService).claim(CALLER, id, 'campaign', '1', { name: 'Spring sale', status: 'running' });
  const end = (rival: Rival, id: string): Promise<unknown> => module.app.get(ConnectionsService)[rival](CALLER, id);

  /** Whether the connection can still be used, and how many campaigns run on it. */
  async function stateOf(id: string): Promise<{ usable: boolean; running: number }> {
    const [row] = await module.dataSource.query<{ usable: unknown; running: unknown }[]>(
      `SELECT deleted_at IS NULL AND disabled_at IS NULL AS usable,
         (SELECT COUNT(*) FROM connection_usages WHERE connection_id = c.id AND status = 'running') AS running
       FROM connections c WHERE id = ?`,
      [id],
    );
    return { usable: Number(row?.usable) === 1, running: Number(row?.running) };
  }

  /** Begins both at once: one of them wins, never both and never none. @returns the winner */
  async function race(rival: Rival, launchesFirst: boolean): Promise<'launch' | Rival> {
    const { id } = await module.app.get(ConnectionsService).create(CALLER, fakeConnection());
    const contenders = launchesFirst ? [launch(id), end(rival, id)] : [end(rival, id), launch(id)];
    const settled = await Promise.allSettled(contenders);
    const [launched, ended] = launchesFirst ? settled : settled.toReversed();
    if (launched?.status === 'fulfilled') {
      expect(ended).toEqual({ status: 'rejected', reason: expect.any(ConnectionInUseError) });
      expect(await stateOf(id)).toEqual({ usable: true, running: 1 });
      return 'launch';
    }
    expect(launched?.reason).toBeInstanceOf(RIVALS[rival]);
    expect(ended?.status).toBe('fulfilled');
    expect(await stateOf(id)).toEqual({ usable: false, running: 0 });
    return rival;
  }

  it.each(['delete', 'disable'] as const)(
    `never runs without its connection, in ${String(RACES)} random races with its %s`,
    async (rival) => {
      const winners = new Set<string>();
      for (let begun = 0; begun < RACES; begun += AT_ONCE) {
        const races = Array.from({ length: AT_ONCE }, () => race(rival, Math.random() < 0.5));
        for (const winner of await Promise.all(races)) winners.add(winner);
      }
      // If one of them always won, the other order would not have been tried.
      expect([...winners].toSorted()).toEqual([rival, 'launch'].toSorted());
    },
    300_000,
  );

  it(`keeps each campaign on one connection, in ${String(RACES / 10)} rounds of moves to and fro`, async () => {
    const connections = module.app.get(ConnectionsService);
    const usages = module.app.get(UsagesService);
    const one = (await connections.create(CALLER, fakeConnection())).id;
    const other = (await connections.create(CALLER, fakeConnection())).id;
    const refs = Array.from({ length: 6 }, (_, n) => String(n));
    for (const ref of refs) {
      await usages.claim(CALLER, one, 'campaign', ref, { name: ref, status: 'running' });
    }
    for (let round = 0; round < RACES / 10; round++) {
      const calls = [
        usages.move(CALLER, one, { to: other }),
        usages.move(CALLER, other, { to: one }),
        connections.delete(CALLER, one),
        connections.disable(CALLER, other),
      ];
      const [, , removed, disabled] = await Promise.allSettled(calls);
      const states = await Promise.all([stateOf(one), stateOf(other)]);
      expect(new Set(states.map(({ running }) => running))).toEqual(new Set([0, refs.length]));
      for (const { usable, running } of states) expect(usable || running === 0).toBe(true);
      if (disabled?.status === 'fulfilled') await connections.enable(CALLER, other);
      // The other one has them all.
      if (removed?.status === 'fulfilled') return;
    }
  }, 300_000);
});

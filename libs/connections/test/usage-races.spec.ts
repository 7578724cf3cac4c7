import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionInUseError, ConnectionNotFoundError, ConnectionsService, UsagesService } from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const RACES = process.env['TEST_LONG'] === '1' ? 3_000 : 60;
const AT_ONCE = 10;

type Outcome = 'claimed' | 'deleted';

describe.each(DATABASES)('a claim against a delete on %s', (kind) => {
  let module: TestModule;

  beforeAll(async () => {
    module = await TestModule.start(kind);
  });

  afterAll(async () => {
    await module.end();
  });

  const claim = (id: string): Promise<unknown> =>
    module.app.get(UsagesService).claim(CALLER, id, 'campaign', '1', { name: 'Spring sale', status: 'running' });
  const remove = (id: string): Promise<void> => module.app.get(ConnectionsService).delete(CALLER, id);

  /** Sets off both at once and sees which one won: never both, and never none. */
  async function race(first: 'claim' | 'delete'): Promise<Outcome> {
    const { id } = await module.app.get(ConnectionsService).create(CALLER, fakeConnection());
    const contenders: Promise<unknown>[] = first === 'claim' ? [claim(id), remove(id)] : [remove(id), claim(id)];
    const settled = await Promise.allSettled(contenders);
    const [claimed, deleted] = first === 'claim' ? settled : settled.toReversed();
    const [row] = await module.dataSource.query<{ deleted: number; usages: number | string }[]>(
      `SELECT deleted_at IS NOT NULL AS deleted, (SELECT COUNT(*) FROM connection_usages WHERE connection_id = c.id) AS usages
       FROM connections c WHERE id = ?`,
      [id],
    );
    const kept = { deleted: Number(row?.deleted), usages: Number(row?.usages) };
    if (claimed?.status === 'fulfilled') {
      expect(deleted).toEqual({ status: 'rejected', reason: expect.any(ConnectionInUseError) });
      expect(kept).toEqual({ deleted: 0, usages: 1 });
      return 'claimed';
    }
    expect(claimed?.reason).toBeInstanceOf(ConnectionNotFoundError);
    expect(deleted?.status).toBe('fulfilled');
    expect(kept).toEqual({ deleted: 1, usages: 0 });
    return 'deleted';
  }

  it(`never lets both succeed, in ${String(RACES)} races that either one begins`, async () => {
    const outcomes: Outcome[] = [];
    for (let begun = 0; begun < RACES; begun += AT_ONCE) {
      const races = Array.from({ length: AT_ONCE }, (_, n) => race(n % 2 === 0 ? 'claim' : 'delete'));
      outcomes.push(...(await Promise.all(races)));
    }
    expect(outcomes).toHaveLength(RACES);
    // Had one of them always won, the other order would not have been tried.
    for (const outcome of ['claimed', 'deleted']) expect(outcomes).toContain(outcome);
  }, 300_000);
});

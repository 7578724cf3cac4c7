import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/**
 * Counts that a reader of the feed keeps, in the order in which they are read: docs/adr/0018-counts-are-a-projection.md. Those that
 * each commit added to `event_counts` are moved. The feed has only later events, so none is counted twice.
 */
export class CreateEventStats1764000000033 implements MigrationInterface {
  readonly name = 'CreateEventStats1764000000033';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, long, small } = columnKinds(dialectOf(runner.connection.options.type));
    const ofStats = { isPrimary: true, primaryKeyConstraintName: 'pk_event_stats' };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_stats',
        columns: [
          { name: 'connection', ...integer, ...ofStats },
          { name: 'hours', ...small, ...ofStats },
          { name: 'start', ...integer, ...ofStats },
          { name: 'kind', ...small, ...ofStats },
          { name: 'detail', ...small, ...ofStats },
          { name: 'events', ...integer },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_stats_rebuilds',
        columns: [
          {
            name: 'organization',
            ...integer,
            isPrimary: true,
            primaryKeyConstraintName: 'pk_event_stats_rebuilds',
          },
          { name: 'first_hour', ...integer },
          { name: 'until_seq', ...long },
          { name: 'until_index', ...integer },
          { name: 'clearing', ...small },
        ],
      }),
    );
    // It is dropped last: if it is missing, its counts have been moved.
    if (!(await runner.hasTable('event_counts'))) return;
    await moveCounts(runner);
    await noteHistory(runner);
    await dropTableIfPresent(runner, 'event_counts');
  }

  async down(runner: QueryRunner): Promise<void> {
    const { integer, small } = columnKinds(dialectOf(runner.connection.options.type));
    const ofCounts = { isPrimary: true, primaryKeyConstraintName: 'pk_event_counts' };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_counts',
        columns: [
          { name: 'connection', ...integer, ...ofCounts },
          { name: 'hour', ...integer, ...ofCounts },
          { name: 'kind', ...small, ...ofCounts },
          { name: 'shard', ...small, ...ofCounts },
          { name: 'events', ...integer },
        ],
      }),
    );
    await dropTableIfPresent(runner, 'event_stats_rebuilds');
    if (!(await runner.hasTable('event_stats'))) return;
    // Counts may have been moved already: a migration that was interrupted runs again.
    await runner.query('DELETE FROM event_counts');
    await runner.query(
      `INSERT INTO event_counts (connection, hour, kind, shard, events)
       SELECT connection, start, kind, 0, SUM(events) FROM event_stats
       WHERE hours = 1 AND detail <> ${String(MACHINE)} GROUP BY connection, start, kind`,
    );
    await runner.query("DELETE FROM counters WHERE name = 'counted_from'");
    await dropTableIfPresent(runner, 'event_stats');
  }
}

/** The codes of the column `detail`. */
const NONE = 0;
const MACHINE = 1;
const UNKNOWN_BOUNCE = 7;
/** The code of bounces. */
const BOUNCED = 5;
const HOURS_PER_STATEMENT = 31 * 24;
const HOUR_MS = 60 * 60 * 1_000;
const DAY_HOURS = 24;

interface Hours {
  readonly connection: number;
  readonly first: number;
  readonly last: number;
}

/** The classes of the bounces, and opens by machines, were not counted. */
async function moveCounts(runner: QueryRunner): Promise<void> {
  await runner.query('DELETE FROM event_stats');
  const connections = (await runner.query(
    'SELECT connection, MIN(hour) AS first, MAX(hour) AS last FROM event_counts GROUP BY connection',
  )) as Hours[];
  for (const { connection, first, last } of connections) {
    // Whole days: each bucket is written by one statement.
    for (let from = first - (first % DAY_HOURS); from <= last; from += HOURS_PER_STATEMENT) {
      for (const hours of [1, DAY_HOURS]) {
        await runner.query(
          `INSERT INTO event_stats (connection, hours, start, kind, detail, events)
           SELECT connection, ${String(hours)}, hour - hour % ${String(hours)}, kind,
             CASE WHEN kind = ${String(BOUNCED)} THEN ${String(UNKNOWN_BOUNCE)} ELSE ${String(NONE)} END, SUM(events)
           FROM event_counts
           WHERE connection = ${String(connection)} AND hour >= ${String(from)} AND hour < ${String(from + HOURS_PER_STATEMENT)}
           GROUP BY connection, hour - hour % ${String(hours)}, kind`,
        );
      }
    }
  }
}

/** From which hour on no event was counted before: a rebuild must not delete earlier counts. */
async function noteHistory(runner: QueryRunner): Promise<void> {
  await runner.query("DELETE FROM counters WHERE name = 'counted_from'");
  const hasCounts = ((await runner.query('SELECT connection FROM event_stats LIMIT 1')) as unknown[]).length > 0;
  // Events may be dated up to a day ahead.
  const hour = Math.floor(Date.now() / HOUR_MS) + 2 * DAY_HOURS;
  const from = hasCounts ? hour - (hour % DAY_HOURS) : 0;
  await runner.query(`INSERT INTO counters (name, value) VALUES ('counted_from', ${String(from)})`);
}

import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/** The order in which readers of all instances see the events: docs/adr/0019-feed-order.md. Earlier events are not in it. */
export class CreateFeed1764000000027 implements MigrationInterface {
  readonly name = 'CreateFeed1764000000027';

  async up(runner: QueryRunner): Promise<void> {
    const { bytes, integer, key, long, small } = columnKinds(dialectOf(runner.connection.options.type));
    const primary = (table: string) => ({ isPrimary: true, primaryKeyConstraintName: `pk_${table}` });
    await addColumnIfMissing(
      runner,
      'email_events',
      new TableColumn({ name: 'bounce_class', ...small, isNullable: true }),
    );
    const entry = [
      { name: 'connection', ...integer },
      { name: 'organization', ...integer },
      { name: 'events', ...integer },
      { name: 'positions', ...bytes, isNullable: true },
    ];
    await createTableIfMissing(
      runner,
      new Table({
        name: 'feed_pending',
        columns: [{ name: 'first', ...long, ...primary('feed_pending') }, ...entry],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'feed_entries',
        columns: [
          { name: 'seq', ...long, ...primary('feed_entries') },
          { name: 'first', ...long },
          ...entry,
          { name: 'appended_at', ...long },
        ],
        indices: [{ name: 'ix_feed_entries_organization', columnNames: ['organization', 'seq'] }],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'feed_state',
        columns: [
          { name: 'id', ...small, ...primary('feed_state') },
          { name: 'last_seq', ...long },
          { name: 'deleted_seq', ...long },
          { name: 'leased_by', ...key, length: '36', isNullable: true },
          { name: 'leased_until', ...long },
        ],
      }),
    );
    // The row may already be there: a migration that was interrupted runs again.
    await runner.query('DELETE FROM feed_state');
    await runner.query('INSERT INTO feed_state (id, last_seq, deleted_seq, leased_until) VALUES (1, 0, 0, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['feed_state', 'feed_entries', 'feed_pending']) await dropTableIfPresent(runner, table);
    await dropColumnIfPresent(runner, 'email_events', 'bounce_class');
  }
}

import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/** What each connection has stored, for the quota of its organization: docs/adr/0017-quotas-delete-history.md. */
export class CreateEventSizes1764000000026 implements MigrationInterface {
  readonly name = 'CreateEventSizes1764000000026';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, long, time } = columnKinds(dialectOf(runner.connection.options.type));
    const size = new TableColumn({ name: 'body_bytes', ...integer, default: 0 });
    await addColumnIfMissing(runner, 'event_batches', size);
    const ofSizes = { isPrimary: true, primaryKeyConstraintName: 'pk_event_sizes' };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_sizes',
        columns: [
          { name: 'connection', ...integer, ...ofSizes },
          { name: 'hour', ...integer, ...ofSizes },
          { name: 'body_bytes', ...long },
          { name: 'events', ...integer },
          { name: 'batches', ...integer },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_cutoffs',
        columns: [
          { name: 'organization', ...integer, isPrimary: true, primaryKeyConstraintName: 'pk_event_cutoffs' },
          { name: 'received_before', ...time },
          { name: 'announced_at', ...time },
        ],
      }),
    );
    // The counter may already be there: a migration that was interrupted runs again.
    await runner.query("DELETE FROM counters WHERE name = 'measured'");
    await runner.query("INSERT INTO counters (name, value) VALUES ('measured', 0)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DELETE FROM counters WHERE name = 'measured'");
    await dropTableIfPresent(runner, 'event_cutoffs');
    await dropTableIfPresent(runner, 'event_sizes');
    await dropColumnIfPresent(runner, 'event_batches', 'body_bytes');
  }
}

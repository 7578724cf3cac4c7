import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** How far each consumer has read the feed, and the events that it could not process. */
export class CreateEventConsumers1764000000028 implements MigrationInterface {
  readonly name = 'CreateEventConsumers1764000000028';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, key, long, small, text, time } = columnKinds(dialectOf(runner.connection.options.type));
    const primary = (table: string) => ({ isPrimary: true, primaryKeyConstraintName: `pk_${table}` });
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_consumers',
        columns: [
          { name: 'name', ...key, length: '100', ...primary('event_consumers') },
          { name: 'type', ...key, length: '16' },
          { name: 'seq', ...long },
          { name: 'position_index', ...integer },
          { name: 'paused', ...small, default: 0 },
          { name: 'fence', ...long, default: 0 },
          { name: 'leased_by', ...key, length: '36', isNullable: true },
          { name: 'leased_until', ...long, default: 0 },
          { name: 'failures', ...integer, default: 0 },
          { name: 'last_error', ...text, length: '500', isNullable: true },
          { name: 'last_error_at', ...time, isNullable: true },
          { name: 'created_at', ...time },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_dead_letters',
        columns: [
          { name: 'id', ...key, length: '36', ...primary('event_dead_letters') },
          { name: 'consumer', ...key, length: '100' },
          { name: 'seq', ...long },
          { name: 'position_index', ...integer },
          { name: 'event', ...long },
          { name: 'reason', ...text, length: '500' },
          { name: 'attempts', ...integer },
          { name: 'created_at', ...time },
        ],
        indices: [{ name: 'ix_event_dead_letters_consumer', columnNames: ['consumer', 'id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['event_dead_letters', 'event_consumers']) await dropTableIfPresent(runner, table);
  }
}

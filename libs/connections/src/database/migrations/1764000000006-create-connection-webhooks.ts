import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  createIndexIfMissing,
  createTableIfMissing,
  dropIndexIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/** What is known of each connection's webhook, and an index that counts events without reading them. */
export class CreateConnectionWebhooks1764000000006 implements MigrationInterface {
  readonly name = 'CreateConnectionWebhooks1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    const { exact, key, time } = columnKinds(dialectOf(runner.connection.options.type));
    await createTableIfMissing(
      runner,
      new Table({
        name: 'connection_webhooks',
        columns: [
          {
            name: 'connection_id',
            ...key,
            length: '36',
            isPrimary: true,
            primaryKeyConstraintName: 'pk_connection_webhooks',
          },
          { name: 'last_received_at', ...time, isNullable: true },
          { name: 'last_event_at', ...time, isNullable: true },
          { name: 'last_refused_at', ...time, isNullable: true },
          { name: 'last_refusal', ...key, length: '16', isNullable: true },
          { name: 'vendor_id', ...exact, length: '255', isNullable: true },
          { name: 'registered_at', ...time, isNullable: true },
          { name: 'busy_until', ...time, isNullable: true },
        ],
        foreignKeys: [
          {
            name: 'fk_connection_webhooks_connection',
            columnNames: ['connection_id'],
            referencedTableName: 'connections',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
            onUpdate: 'NO ACTION',
          },
        ],
      }),
    );
    await createIndexIfMissing(
      runner,
      'events',
      new TableIndex({
        name: 'ix_events_counts',
        columnNames: ['connection_id', 'occurred_at', 'kind', 'origin', 'machine'],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'events', 'ix_events_counts');
    await dropTableIfPresent(runner, 'connection_webhooks');
  }
}

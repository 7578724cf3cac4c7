import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** The numbers of webhook requests by hour and outcome, the health that follows from them, and its changes. */
export class CreateWebhookHealth1764000000034 implements MigrationInterface {
  readonly name = 'CreateWebhookHealth1764000000034';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, key, time } = columnKinds(dialectOf(runner.connection.options.type));
    const primary = (table: string) => ({ isPrimary: true, primaryKeyConstraintName: `pk_${table}` });
    const connection = { name: 'connection_id', ...key, length: '36' };
    const health: TableColumnOptions[] = [
      { name: 'state', ...key, length: '16' },
      { name: 'reason', ...key, length: '32', isNullable: true },
    ];
    const ofConnection = (table: string) => [
      {
        name: `fk_${table}_connection`,
        columnNames: ['connection_id'],
        referencedTableName: 'connections',
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ];
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_counts',
        columns: [
          { ...connection, ...primary('webhook_counts') },
          { name: 'hour', ...integer, ...primary('webhook_counts') },
          { name: 'outcome', ...key, length: '16', ...primary('webhook_counts') },
          { name: 'requests', ...integer },
        ],
        foreignKeys: ofConnection('webhook_counts'),
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_health',
        columns: [
          { ...connection, ...primary('webhook_health') },
          ...health,
          { name: 'since', ...time },
          { name: 'checked_at', ...time },
        ],
        foreignKeys: ofConnection('webhook_health'),
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_health_changes',
        columns: [
          { name: 'id', ...key, length: '36', ...primary('webhook_health_changes') },
          connection,
          ...health,
          { name: 'changed_at', ...time },
        ],
        indices: [{ name: 'ix_webhook_health_changes_connection', columnNames: ['connection_id', 'id'] }],
        foreignKeys: ofConnection('webhook_health_changes'),
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'webhook_health_changes');
    await dropTableIfPresent(runner, 'webhook_health');
    await dropTableIfPresent(runner, 'webhook_counts');
  }
}

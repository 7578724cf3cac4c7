import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createIndexIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
} from './repeatable-steps.ts';

const TABLE = 'webhook_health_changes';
const INDEX = 'uq_webhook_health_changes_event';

/** Changes of the health of a webhook are events of the feed, with the state before. */
export class WebhookHealthEvents1764000000046 implements MigrationInterface {
  readonly name = 'WebhookHealthEvents1764000000046';

  async up(runner: QueryRunner): Promise<void> {
    const { key, long, time } = columnKinds(dialectOf(runner.connection.options.type));
    const columns = [
      { name: 'event', ...long, isNullable: true },
      { name: 'previous_state', ...key, length: '16', isNullable: true },
      { name: 'previous_reason', ...key, length: '32', isNullable: true },
      { name: 'previous_since', ...time, isNullable: true },
    ];
    for (const column of columns) await addColumnIfMissing(runner, TABLE, new TableColumn(column));
    await createIndexIfMissing(runner, TABLE, new TableIndex({ name: INDEX, columnNames: ['event'], isUnique: true }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, TABLE, INDEX);
    for (const column of ['previous_since', 'previous_reason', 'previous_state', 'event']) {
      await dropColumnIfPresent(runner, TABLE, column);
    }
  }
}

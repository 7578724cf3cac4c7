import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** Since when there may be an entry at the vendor, also where registering it failed half-way. */
export class WebhookAttempts1764000000009 implements MigrationInterface {
  readonly name = 'WebhookAttempts1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    const { time } = columnKinds(dialectOf(runner.connection.options.type));
    const attemptedAt = new TableColumn({ name: 'attempted_at', ...time, isNullable: true });
    await addColumnIfMissing(runner, 'connection_webhooks', attemptedAt);
    await runner.query(
      'UPDATE connection_webhooks SET attempted_at = registered_at WHERE vendor_id IS NOT NULL AND attempted_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connection_webhooks', 'attempted_at');
  }
}

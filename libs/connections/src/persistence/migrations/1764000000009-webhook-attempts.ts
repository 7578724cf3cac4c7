import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';

/** Since when there may be an entry at the vendor, also where registering it failed half-way. */
export class WebhookAttempts1764000000009 implements MigrationInterface {
  readonly name = 'WebhookAttempts1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    const { type, precision } = columnKinds(dialectOf(runner.connection.options.type)).time;
    const time = precision === undefined ? type : `${type}(${String(precision)})`;
    await runner.query(`ALTER TABLE connection_webhooks ADD COLUMN attempted_at ${time} NULL`);
    await runner.query('UPDATE connection_webhooks SET attempted_at = registered_at WHERE vendor_id IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connection_webhooks DROP COLUMN attempted_at');
  }
}

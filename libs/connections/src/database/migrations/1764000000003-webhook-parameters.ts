import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** What the query said beside the body of a webhook's request: some vendors name the event there. */
export class WebhookParameters1764000000003 implements MigrationInterface {
  readonly name = 'WebhookParameters1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    const parameters = new TableColumn({ name: 'parameters', type: 'json', isNullable: true });
    await addColumnIfMissing(runner, 'webhook_requests', parameters);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'webhook_requests', 'parameters');
  }
}

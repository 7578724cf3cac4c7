import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';

/** What the query said beside the body of a webhook's request: some vendors name the event there. */
export class WebhookParameters1764000000003 implements MigrationInterface {
  readonly name = 'WebhookParameters1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('webhook_requests', new TableColumn({ name: 'parameters', type: 'json', isNullable: true }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('webhook_requests', 'parameters');
  }
}

import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** A body may be larger than the largest statement of the server: it is stored in parts. */
export class WebhookRequestBodies1764000000011 implements MigrationInterface {
  readonly name = 'WebhookRequestBodies1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    const { bytes, integer, key } = columnKinds(dialectOf(runner.connection.options.type));
    const primary = { isPrimary: true, primaryKeyConstraintName: 'pk_webhook_request_bodies' };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_request_bodies',
        columns: [
          { name: 'request_id', ...key, length: '36', ...primary },
          { name: 'part', ...integer, ...primary },
          { name: 'connection_id', ...key, length: '36' },
          { name: 'bytes', ...bytes },
        ],
        indices: [{ name: 'ix_webhook_request_bodies_connection', columnNames: ['connection_id', 'request_id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'webhook_request_bodies');
  }
}

import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** Outgoing webhooks: endpoints, the messages for them, and the attempts to deliver these. */
export class CreateWebhookEndpoints1764000000032 implements MigrationInterface {
  readonly name = 'CreateWebhookEndpoints1764000000032';

  async up(runner: QueryRunner): Promise<void> {
    const { encrypted, exact, integer, key, longText, text, time } = columnKinds(
      dialectOf(runner.connection.options.type),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_endpoints',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_webhook_endpoints' },
          { name: 'organization', ...key, length: '64' },
          { name: 'url', ...exact, length: '2000' },
          { name: 'description', ...text, length: '200', isNullable: true },
          { name: 'kinds', type: 'json', isNullable: true },
          { name: 'secrets', ...encrypted },
          { name: 'key_id', ...key, length: '100' },
          { name: 'previous_secret_until', ...time, isNullable: true },
          { name: 'state', ...key, length: '16' },
          { name: 'state_reason', ...key, length: '16', isNullable: true },
          { name: 'state_since', ...time },
          { name: 'failing_since', ...time, isNullable: true },
          { name: 'last_success_at', ...time, isNullable: true },
          { name: 'version', ...integer },
          { name: 'guard', ...integer },
          { name: 'created_at', ...time },
          { name: 'updated_at', ...time },
          { name: 'due_at', ...time, isNullable: true },
          { name: 'leased_by', ...key, length: '36', isNullable: true },
          { name: 'leased_until', ...time, isNullable: true },
        ],
        indices: [
          { name: 'ix_webhook_endpoints_organization', columnNames: ['organization', 'id'] },
          { name: 'ix_webhook_endpoints_key_id', columnNames: ['key_id', 'id'] },
          { name: 'ix_webhook_endpoints_due', columnNames: ['state', 'due_at'] },
        ],
      }),
    );
    // No foreign keys: the messages of a deleted endpoint may be many, and are deleted in small steps.
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_messages',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_webhook_messages' },
          { name: 'endpoint_id', ...key, length: '36' },
          { name: 'type', ...key, length: '32' },
          { name: 'first_position', ...key, length: '25', isNullable: true },
          { name: 'last_position', ...key, length: '25', isNullable: true },
          { name: 'kinds', type: 'json', isNullable: true },
          { name: 'events', ...integer },
          { name: 'bytes', ...integer },
          { name: 'state', ...key, length: '16' },
          { name: 'attempts', ...integer },
          { name: 'next_attempt_at', ...time, isNullable: true },
          { name: 'first_attempt_at', ...time, isNullable: true },
          { name: 'created_at', ...time },
          { name: 'ended_at', ...time, isNullable: true },
        ],
        indices: [
          { name: 'ix_webhook_messages_endpoint', columnNames: ['endpoint_id', 'id'] },
          { name: 'uq_webhook_messages_position', columnNames: ['endpoint_id', 'first_position'], isUnique: true },
          { name: 'ix_webhook_messages_due', columnNames: ['endpoint_id', 'state', 'next_attempt_at'] },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_attempts',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_webhook_attempts' },
          { name: 'organization', ...key, length: '64' },
          { name: 'message_id', ...key, length: '36' },
          { name: 'started_at', ...time },
          { name: 'duration_ms', ...integer },
          { name: 'status', ...integer, isNullable: true },
          { name: 'error', ...key, length: '32', isNullable: true },
          { name: 'response', ...longText, isNullable: true },
        ],
        indices: [
          { name: 'ix_webhook_attempts_message', columnNames: ['message_id', 'id'] },
          { name: 'ix_webhook_attempts_organization', columnNames: ['organization', 'id'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'webhook_attempts');
    await dropTableIfPresent(runner, 'webhook_messages');
    await dropTableIfPresent(runner, 'webhook_endpoints');
  }
}

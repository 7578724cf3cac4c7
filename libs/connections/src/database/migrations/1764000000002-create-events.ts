import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

export class CreateEvents1764000000002 implements MigrationInterface {
  readonly name = 'CreateEvents1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    const kinds = columnKinds(dialectOf(runner.connection.options.type));
    const { bytes, digest, exact, integer, key, longText, serial, text, time } = kinds;
    const varchar = (name: string, kind: typeof key, length: number, isNullable = false): TableColumnOptions => ({
      name,
      ...kind,
      length: String(length),
      isNullable,
    });
    const json = (name: string): TableColumnOptions => ({ name, type: 'json', isNullable: true });

    await createTableIfMissing(
      runner,
      new Table({
        name: 'webhook_requests',
        columns: [
          { ...varchar('id', key, 36), isPrimary: true, primaryKeyConstraintName: 'pk_webhook_requests' },
          varchar('connection_id', key, 36),
          varchar('organisation', key, 64),
          varchar('vendor', key, 32),
          { name: 'received_at', ...time },
          varchar('content_type', text, 200, true),
          { name: 'body', ...bytes, isNullable: true },
          varchar('status', key, 16),
          { name: 'accepted', ...integer },
          { name: 'duplicates', ...integer },
          { name: 'rejected', ...integer },
          json('rejections'),
          varchar('reason', text, 500, true),
        ],
        indices: [{ name: 'ix_webhook_requests_connection', columnNames: ['connection_id', 'id'] }],
      }),
    );
    // No foreign keys and no partitions: neither goes together with a unique digest that outlives what it points at.
    await createTableIfMissing(
      runner,
      new Table({
        name: 'events',
        columns: [
          { name: 'id', ...serial, isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          varchar('connection_id', key, 36),
          varchar('organisation', key, 64),
          {
            name: 'digest',
            type: digest.type,
            ...(digest.length === undefined ? {} : { length: String(digest.length) }),
          },
          varchar('request_id', key, 36),
          { name: 'position', ...integer },
          varchar('kind', key, 16),
          { name: 'occurred_at', ...time },
          { name: 'received_at', ...time },
          varchar('recipient', exact, 320, true),
          varchar('message_id', key, 255, true),
          varchar('vendor_event_id', key, 255, true),
          json('bounce'),
          { name: 'url', ...longText, isNullable: true },
          varchar('user_agent', text, 1_000, true),
          varchar('ip', key, 45, true),
          { name: 'machine', ...integer, isNullable: true },
          json('tags'),
          json('metadata'),
          varchar('origin', key, 16),
        ],
        indices: [
          { name: 'uq_events_digest', columnNames: ['digest'], isUnique: true },
          { name: 'ix_events_connection', columnNames: ['connection_id', 'id'] },
          { name: 'ix_events_recipient', columnNames: ['connection_id', 'recipient', 'id'] },
          { name: 'ix_events_request', columnNames: ['request_id'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'events');
    await dropTableIfPresent(runner, 'webhook_requests');
  }
}

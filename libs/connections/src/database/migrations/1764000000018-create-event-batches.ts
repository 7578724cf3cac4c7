import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableColumn,
  type TableColumnOptions,
  TableIndex,
} from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createIndexIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/**
 * Tables whose keys are local in time, so that inserting stays fast however many events there are. The events of earlier
 * versions stay in their own tables, which are read but no longer written: docs/adr/0015-event-tables.md.
 */
export class CreateEventBatches1764000000018 implements MigrationInterface {
  readonly name = 'CreateEventBatches1764000000018';

  async up(runner: QueryRunner): Promise<void> {
    const { bytes, digest, exact, integer, key, long, small, text, time } = columnKinds(
      dialectOf(runner.connection.options.type),
    );
    const varchar = (name: string, kind: typeof key, length: number, isNullable = false): TableColumnOptions => ({
      name,
      ...kind,
      length: String(length),
      isNullable,
    });
    const binary = (name: string, isNullable = false): TableColumnOptions => ({
      name,
      type: digest.type,
      ...(digest.length === undefined ? {} : { length: String(digest.length) }),
      isNullable,
    });
    const primary = (table: string): Partial<TableColumnOptions> => ({
      isPrimary: true,
      primaryKeyConstraintName: `pk_${table}`,
    });

    await createTableIfMissing(
      runner,
      new Table({
        name: 'counters',
        columns: [
          { ...varchar('name', key, 16), ...primary('counters') },
          { name: 'value', ...long },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_batches',
        columns: [
          { name: 'id', ...long, ...primary('event_batches') },
          { name: 'connection', ...integer },
          { name: 'organization', ...integer },
          varchar('status', key, 16),
          { name: 'received_at', ...time },
          { name: 'duration_ms', ...integer },
          { name: 'size', ...integer },
          varchar('content_type', text, 200, true),
          { name: 'parameters', type: 'json', isNullable: true },
          { name: 'accepted', ...integer },
          { name: 'duplicates', ...integer },
          { name: 'rejected', ...integer },
          { name: 'rejections', type: 'json', isNullable: true },
          varchar('reason', text, 500, true),
          binary('rejected_digest', true),
          { name: 'occurrences', ...integer, default: 1 },
          { name: 'last_received_at', ...time, isNullable: true },
        ],
        indices: [
          { name: 'ix_event_batches_status', columnNames: ['connection', 'status', 'id'] },
          { name: 'uq_event_batches_rejected', columnNames: ['connection', 'rejected_digest'], isUnique: true },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_bodies',
        columns: [
          { name: 'batch', ...long, ...primary('event_bodies') },
          { name: 'part', ...integer, ...primary('event_bodies') },
          { name: 'bytes', ...bytes },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'email_events',
        columns: [
          { name: 'id', ...long, ...primary('email_events') },
          { name: 'connection', ...integer },
          binary('digest'),
          { name: 'kind', ...small },
          { name: 'attribution', ...small },
          { name: 'occurred_at', ...long },
          { name: 'machine', ...small, isNullable: true },
          { name: 'bucket', ...integer },
          { name: 'recipient_hash', ...integer, isNullable: true },
          { name: 'message_hash', ...integer, isNullable: true },
          varchar('recipient', exact, 320, true),
          varchar('message_id', key, 255, true),
        ],
        indices: [
          { name: 'uq_email_events_digest', columnNames: ['digest'], isUnique: true },
          { name: 'ix_email_events_kind', columnNames: ['connection', 'kind', 'id'] },
          { name: 'ix_email_events_recipient', columnNames: ['bucket', 'recipient_hash'] },
          { name: 'ix_email_events_message', columnNames: ['bucket', 'message_hash'] },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'event_counts',
        columns: [
          { name: 'connection', ...integer, ...primary('event_counts') },
          { name: 'hour', ...integer, ...primary('event_counts') },
          { name: 'kind', ...small, ...primary('event_counts') },
          { name: 'shard', ...small, ...primary('event_counts') },
          { name: 'events', ...integer },
        ],
      }),
    );
    for (const name of ['number', 'organization_number']) {
      await addColumnIfMissing(runner, 'connections', new TableColumn({ name, ...integer, default: 0 }));
    }
    await numberConnections(runner);
    const columnNames = ['number'];
    const unique = new TableIndex({ name: 'uq_connections_number', columnNames, isUnique: true });
    await createIndexIfMissing(runner, 'connections', unique);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'connections', 'uq_connections_number');
    for (const name of ['organization_number', 'number']) await dropColumnIfPresent(runner, 'connections', name);
    for (const table of ['event_counts', 'email_events', 'event_bodies', 'event_batches', 'counters']) {
      await dropTableIfPresent(runner, table);
    }
  }
}

/** Events of one batch have successive ids; see `EventRow.id`. */
const IDS_PER_BATCH = 65_536;

async function numberConnections(runner: QueryRunner): Promise<void> {
  const connections = (await runner.query('SELECT id, organization FROM connections ORDER BY id')) as {
    id: string;
    organization: string;
  }[];
  const organizations = new Map<string, number>();
  for (const [index, { id, organization }] of connections.entries()) {
    if (!organizations.has(organization)) organizations.set(organization, organizations.size + 1);
    await runner.query('UPDATE connections SET number = ?, organization_number = ? WHERE id = ?', [
      index + 1,
      organizations.get(organization),
      id,
    ]);
  }
  const [last] = (await runner.query('SELECT MAX(id) AS id FROM events')) as [{ id: number | string | null }];
  const values = {
    connection: connections.length,
    organization: organizations.size,
    // Ids are above those of the earlier tables: one id names one event.
    batch: Math.ceil(Number(last.id ?? 0) / IDS_PER_BATCH),
    event: 0,
  };
  // The table may already have them: a migration that was interrupted runs again.
  await runner.query('DELETE FROM counters');
  for (const [name, value] of Object.entries(values)) {
    await runner.query('INSERT INTO counters (name, value) VALUES (?, ?)', [name, value]);
  }
}

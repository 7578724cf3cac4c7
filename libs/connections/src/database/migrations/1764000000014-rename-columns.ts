import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { renameColumnIfPresent, replaceIndex } from './repeatable-steps.ts';

/** Table, old name, new name. */
const COLUMNS = [
  ['connections', 'organisation', 'organization'],
  ['connections', 'sealed_with', 'key_id'],
  ['connections', 'retired_at', 'deleted_at'],
  ['connections', 'purge_after', 'leased_until'],
  ['connection_webhooks', 'last_refused_at', 'last_unauthenticated_at'],
  ['connection_webhooks', 'last_refusal', 'unauthenticated_reason'],
  ['connection_webhooks', 'busy_until', 'leased_until'],
  ['audit_entries', 'organisation', 'organization'],
  ['webhook_requests', 'organisation', 'organization'],
  ['events', 'organisation', 'organization'],
  ['events', 'origin', 'attribution'],
] as const;

/** Table, old name, new name, the columns by their new names. */
const INDEXES = [
  ['connections', 'ix_connections_organisation', 'ix_connections_organization', ['organization', 'id']],
  ['connections', 'ix_connections_sealed_with', 'ix_connections_key_id', ['key_id']],
  ['connections', 'ix_connections_retired', 'ix_connections_deleted', ['deleted_at', 'id']],
  ['audit_entries', 'ix_audit_entries_organisation', 'ix_audit_entries_organization', ['organization', 'id']],
] as const;

/** Table, column, old value, new value. */
const VALUES = [
  ['connection_usages', 'status', 'cancelled', 'canceled'],
  ['webhook_requests', 'status', 'quarantined', 'rejected'],
  ['audit_entries', 'action', 'connection.retire', 'connection.delete'],
] as const;

/** The names of columns, indexes and values that are part of the public vocabulary since version 0.2. */
export class RenameColumns1764000000014 implements MigrationInterface {
  readonly name = 'RenameColumns1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, before, after] of COLUMNS) await renameColumnIfPresent(runner, table, before, after);
    for (const [table, before, after, columns] of INDEXES) {
      await replaceIndex(runner, table, before, new TableIndex({ name: after, columnNames: [...columns] }));
    }
    for (const [table, column, before, after] of VALUES) await replaceValue(runner, table, column, before, after);
    await replaceAttribution(runner, 'ours', 'own');
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceAttribution(runner, 'own', 'ours');
    for (const [table, column, before, after] of VALUES) await replaceValue(runner, table, column, after, before);
    for (const [table, before, after] of COLUMNS) await renameColumnIfPresent(runner, table, after, before);
    const oldNames = new Map<string, string>(COLUMNS.map(([table, before, after]) => [`${table}.${after}`, before]));
    for (const [table, before, after, columns] of INDEXES) {
      const columnNames = columns.map((column) => oldNames.get(`${table}.${column}`) ?? column);
      await replaceIndex(runner, table, after, new TableIndex({ name: before, columnNames }));
    }
  }
}

async function replaceValue(runner: QueryRunner, table: string, column: string, before: string, after: string) {
  await runner.query(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`, [after, before]);
}

const EVENTS_PER_STATEMENT = 10_000;

/** The events are many: in short statements by their primary key, none holds locks for long or scans the table again. */
async function replaceAttribution(runner: QueryRunner, before: string, after: string): Promise<void> {
  const [bounds] = (await runner.query('SELECT MIN(id) AS first, MAX(id) AS last FROM events')) as [
    { first: number | string | null; last: number | string | null },
  ];
  // An empty table has no bounds; the drivers of MySQL return a bigint as text.
  const last = Number(bounds.last ?? -1);
  for (let first = Number(bounds.first ?? 0); first <= last; first += EVENTS_PER_STATEMENT) {
    const range = [first, first + EVENTS_PER_STATEMENT];
    const statement = 'UPDATE events SET attribution = ? WHERE attribution = ? AND id >= ? AND id < ?';
    await runner.query(statement, [after, before, ...range]);
  }
}

import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { createIndexIfMissing, dropIndexIfPresent } from './repeatable-steps.ts';

const TABLE = 'audit_entries';
/** The audit is searched by each of these. */
const COLUMNS = ['subject', 'actor', 'action'] as const;

export class IndexAuditEntries1764000000031 implements MigrationInterface {
  readonly name = 'IndexAuditEntries1764000000031';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) {
      const columnNames = ['organization', column, 'id'];
      await createIndexIfMissing(runner, TABLE, new TableIndex({ name: `ix_audit_entries_${column}`, columnNames }));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await dropIndexIfPresent(runner, TABLE, `ix_audit_entries_${column}`);
  }
}

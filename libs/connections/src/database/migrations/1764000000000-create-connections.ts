import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

export class CreateConnections1764000000000 implements MigrationInterface {
  readonly name = 'CreateConnections1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const kinds = columnKinds(dialectOf(runner.connection.options.type));
    const { integer, key, encrypted, time } = kinds;
    const id = (table: string): TableColumnOptions => ({
      name: 'id',
      ...key,
      length: '36',
      isPrimary: true,
      primaryKeyConstraintName: `pk_${table}`,
    });
    const reference = (name: string, length: number, isNullable = false): TableColumnOptions => ({
      name,
      ...key,
      length: String(length),
      isNullable,
    });
    const text = (name: string, length: number, isNullable = false): TableColumnOptions => ({
      name,
      ...kinds.text,
      length: String(length),
      isNullable,
    });

    await createTableIfMissing(
      runner,
      new Table({
        name: 'connections',
        columns: [
          id('connections'),
          reference('organisation', 64),
          reference('vendor', 32),
          text('name', 200),
          text('from_email', 320, true),
          text('from_name', 200, true),
          { name: 'settings', type: 'json' },
          { name: 'secrets', ...encrypted, isNullable: true },
          { name: 'secret_info', type: 'json' },
          reference('sealed_with', 100, true),
          { name: 'last_test', type: 'json', isNullable: true },
          { name: 'version', ...integer },
          { name: 'guard', ...integer },
          { name: 'created_at', ...time },
          { name: 'updated_at', ...time },
          { name: 'retired_at', isNullable: true, ...time },
        ],
        indices: [
          { name: 'ix_connections_organisation', columnNames: ['organisation', 'id'] },
          { name: 'ix_connections_sealed_with', columnNames: ['sealed_with'] },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'connection_tests',
        columns: [
          id('connection_tests'),
          reference('connection_id', 36),
          text('actor', 200),
          { name: 'tested_at', ...time },
          { name: 'diagnosis', type: 'json' },
        ],
        indices: [{ name: 'ix_connection_tests_connection', columnNames: ['connection_id', 'id'] }],
        foreignKeys: [
          {
            name: 'fk_connection_tests_connection',
            columnNames: ['connection_id'],
            referencedTableName: 'connections',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
            onUpdate: 'NO ACTION',
          },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'audit_entries',
        columns: [
          id('audit_entries'),
          reference('organisation', 64),
          text('actor', 200),
          reference('action', 64),
          reference('subject', 36),
          { name: 'fields', type: 'json' },
          { name: 'happened_at', ...time },
        ],
        indices: [{ name: 'ix_audit_entries_organisation', columnNames: ['organisation', 'id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'audit_entries');
    await dropTableIfPresent(runner, 'connection_tests');
    await dropTableIfPresent(runner, 'connections');
  }
}

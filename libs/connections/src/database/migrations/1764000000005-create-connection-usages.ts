import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

export class CreateConnectionUsages1764000000005 implements MigrationInterface {
  readonly name = 'CreateConnectionUsages1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, time } = columnKinds(dialectOf(runner.connection.options.type));
    const primary = (name: string, length: number): TableColumnOptions => ({
      name,
      ...key,
      length: String(length),
      isPrimary: true,
      primaryKeyConstraintName: 'pk_connection_usages',
    });

    await createTableIfMissing(
      runner,
      new Table({
        name: 'connection_usages',
        columns: [
          primary('connection_id', 36),
          primary('consumer', 16),
          primary('ref', 64),
          { name: 'name', ...text, length: '200' },
          { name: 'status', ...key, length: '16' },
          { name: 'created_at', ...time },
          { name: 'updated_at', ...time },
        ],
        indices: [{ name: 'ix_connection_usages_status', columnNames: ['connection_id', 'status'] }],
        foreignKeys: [
          {
            name: 'fk_connection_usages_connection',
            columnNames: ['connection_id'],
            referencedTableName: 'connections',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
            onUpdate: 'NO ACTION',
          },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'connection_usages');
  }
}

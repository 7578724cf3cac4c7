import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** Digests of the addresses that were erased: docs/data-protection.md. */
export class CreateErasures1764000000023 implements MigrationInterface {
  readonly name = 'CreateErasures1764000000023';

  async up(runner: QueryRunner): Promise<void> {
    const { key, time } = columnKinds(dialectOf(runner.connection.options.type));
    await createTableIfMissing(
      runner,
      new Table({
        name: 'erasures',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_erasures' },
          { name: 'organization', ...key, length: '64' },
          { name: 'digest', ...key, length: '64' },
          { name: 'requested_at', ...time },
          { name: 'completed_at', ...time, isNullable: true },
        ],
        indices: [{ name: 'uq_erasures_digest', columnNames: ['organization', 'digest'], isUnique: true }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'erasures');
  }
}

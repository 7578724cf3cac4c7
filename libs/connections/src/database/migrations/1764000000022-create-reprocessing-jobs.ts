import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** Jobs that process webhook requests again. */
export class CreateReprocessingJobs1764000000022 implements MigrationInterface {
  readonly name = 'CreateReprocessingJobs1764000000022';

  async up(runner: QueryRunner): Promise<void> {
    const { integer, key, time } = columnKinds(dialectOf(runner.connection.options.type));
    await createTableIfMissing(
      runner,
      new Table({
        name: 'reprocessing_jobs',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_reprocessing_jobs' },
          { name: 'connection_id', ...key, length: '36' },
          { name: 'organization', ...key, length: '64' },
          { name: 'state', ...key, length: '16' },
          { name: 'ids', type: 'json', isNullable: true },
          { name: 'received_from', ...time, isNullable: true },
          { name: 'received_to', ...time, isNullable: true },
          { name: 'position', ...key, length: '32', isNullable: true },
          { name: 'processed', ...integer },
          { name: 'accepted', ...integer },
          { name: 'failed', ...integer },
          { name: 'events', ...integer },
          { name: 'created_at', ...time },
          { name: 'ended_at', ...time, isNullable: true },
          { name: 'leased_by', ...key, length: '36', isNullable: true },
          { name: 'leased_until', ...time, isNullable: true },
        ],
        indices: [
          { name: 'ix_reprocessing_jobs_connection', columnNames: ['connection_id', 'id'] },
          { name: 'ix_reprocessing_jobs_state', columnNames: ['state', 'id'] },
        ],
        foreignKeys: [
          {
            name: 'fk_reprocessing_jobs_connection',
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
    await dropTableIfPresent(runner, 'reprocessing_jobs');
  }
}

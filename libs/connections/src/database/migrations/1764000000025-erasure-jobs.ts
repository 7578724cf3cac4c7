import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createIndexIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
} from './repeatable-steps.ts';

const NEW_COLUMNS = ['state', 'recipient', 'events', 'bodies', 'deliveries', 'tests', 'leased_by', 'due_at'];

/** Erasures are jobs that any instance runs. */
export class ErasureJobs1764000000025 implements MigrationInterface {
  readonly name = 'ErasureJobs1764000000025';

  async up(runner: QueryRunner): Promise<void> {
    const { encrypted, integer, key, time } = columnKinds(dialectOf(runner.connection.options.type));
    const columns = [
      // Those of earlier versions ran to their end in one call.
      { name: 'state', ...key, length: '16', default: "'completed'" },
      { name: 'recipient', ...encrypted, isNullable: true },
      ...['events', 'bodies', 'deliveries', 'tests'].map((name) => ({ name, ...integer, default: 0 })),
      { name: 'leased_by', ...key, length: '36', isNullable: true },
      { name: 'due_at', ...time, isNullable: true },
    ];
    for (const column of columns) await addColumnIfMissing(runner, 'erasures', new TableColumn(column));
    const due = new TableIndex({ name: 'ix_erasures_due', columnNames: ['due_at'] });
    await createIndexIfMissing(runner, 'erasures', due);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'erasures', 'ix_erasures_due');
    for (const name of NEW_COLUMNS) await dropColumnIfPresent(runner, 'erasures', name);
  }
}

import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { createIndexIfMissing, dropIndexIfPresent } from './repeatable-steps.ts';

/** A list of one kind reads as many rows as it shows, however rare the kind is. */
export class IndexEventsByKind1764000000010 implements MigrationInterface {
  readonly name = 'IndexEventsByKind1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    const columnNames = ['connection_id', 'kind', 'id'];
    await createIndexIfMissing(runner, 'events', new TableIndex({ name: 'ix_events_kind', columnNames }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'events', 'ix_events_kind');
  }
}

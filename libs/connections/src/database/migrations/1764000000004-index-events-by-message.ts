import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { createIndexIfMissing, dropIndexIfPresent } from './repeatable-steps.ts';

/** The attribution of an event is looked up by its message. */
export class IndexEventsByMessage1764000000004 implements MigrationInterface {
  readonly name = 'IndexEventsByMessage1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    const columnNames = ['connection_id', 'message_id'];
    await createIndexIfMissing(runner, 'events', new TableIndex({ name: 'ix_events_message', columnNames }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'events', 'ix_events_message');
  }
}

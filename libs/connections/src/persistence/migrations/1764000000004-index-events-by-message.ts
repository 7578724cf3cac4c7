import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

/** Whether an event is about a message of ours is looked up by the message. */
export class IndexEventsByMessage1764000000004 implements MigrationInterface {
  readonly name = 'IndexEventsByMessage1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    const columnNames = ['connection_id', 'message_id'];
    await runner.createIndex('events', new TableIndex({ name: 'ix_events_message', columnNames }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('events', 'ix_events_message');
  }
}

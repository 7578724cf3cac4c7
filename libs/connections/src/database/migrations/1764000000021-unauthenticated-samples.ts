import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** Counts unauthenticated webhook requests, and keeps the headers of samples of them. */
export class UnauthenticatedSamples1764000000021 implements MigrationInterface {
  readonly name = 'UnauthenticatedSamples1764000000021';

  async up(runner: QueryRunner): Promise<void> {
    const { long } = columnKinds(dialectOf(runner.connection.options.type));
    const headers = new TableColumn({ name: 'headers', type: 'json', isNullable: true });
    await addColumnIfMissing(runner, 'event_batches', headers);
    const count = new TableColumn({ name: 'unauthenticated_count', ...long, default: 0 });
    await addColumnIfMissing(runner, 'connection_webhooks', count);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connection_webhooks', 'unauthenticated_count');
    await dropColumnIfPresent(runner, 'event_batches', 'headers');
    // Earlier versions do not know them.
    await runner.query(
      "DELETE FROM event_bodies WHERE batch IN (SELECT id FROM event_batches WHERE status = 'unauthenticated')",
    );
    await runner.query("DELETE FROM event_batches WHERE status = 'unauthenticated'");
  }
}

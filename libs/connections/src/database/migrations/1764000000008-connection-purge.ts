import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createIndexIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
} from './repeatable-steps.ts';

/** Adds the time until which a deleted connection is not purged, and an index for the purge. */
export class ConnectionPurge1764000000008 implements MigrationInterface {
  readonly name = 'ConnectionPurge1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    const { time } = columnKinds(dialectOf(runner.connection.options.type));
    const purgeAfter = new TableColumn({ name: 'purge_after', ...time, isNullable: true });
    await addColumnIfMissing(runner, 'connections', purgeAfter);
    const columnNames = ['retired_at', 'id'];
    await createIndexIfMissing(runner, 'connections', new TableIndex({ name: 'ix_connections_retired', columnNames }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexIfPresent(runner, 'connections', 'ix_connections_retired');
    await dropColumnIfPresent(runner, 'connections', 'purge_after');
  }
}

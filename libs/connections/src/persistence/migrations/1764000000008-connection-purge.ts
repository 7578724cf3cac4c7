import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';

/** By when a retired connection may be purged, and by what it is found. */
export class ConnectionPurge1764000000008 implements MigrationInterface {
  readonly name = 'ConnectionPurge1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    const { time } = columnKinds(dialectOf(runner.connection.options.type));
    await runner.addColumn('connections', new TableColumn({ name: 'purge_after', isNullable: true, ...time }));
    await runner.createIndex(
      'connections',
      new TableIndex({ name: 'ix_connections_retired', columnNames: ['retired_at', 'id'] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('connections', 'ix_connections_retired');
    await runner.dropColumn('connections', 'purge_after');
  }
}

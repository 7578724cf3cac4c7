import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';

/** Until when a retired connection is not purged, and by what those are found that may be. */
export class ConnectionPurge1764000000008 implements MigrationInterface {
  readonly name = 'ConnectionPurge1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    const { type, precision } = columnKinds(dialectOf(runner.connection.options.type)).time;
    const time = precision === undefined ? type : `${type}(${String(precision)})`;
    // Not by `addColumn`: on SQLite, that copies the table and drops the old one, and with it go the rows that refer to it.
    await runner.query(`ALTER TABLE connections ADD COLUMN purge_after ${time} NULL`);
    await runner.createIndex(
      'connections',
      new TableIndex({ name: 'ix_connections_retired', columnNames: ['retired_at', 'id'] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('connections', 'ix_connections_retired');
    await runner.query('ALTER TABLE connections DROP COLUMN purge_after');
  }
}

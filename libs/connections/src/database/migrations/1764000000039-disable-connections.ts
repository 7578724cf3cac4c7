import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** Since when a connection is disabled. */
export class DisableConnections1764000000039 implements MigrationInterface {
  readonly name = 'DisableConnections1764000000039';

  async up(runner: QueryRunner): Promise<void> {
    const { time } = columnKinds(dialectOf(runner.connection.options.type));
    const column = new TableColumn({ name: 'disabled_at', ...time, isNullable: true });
    await addColumnIfMissing(runner, 'connections', column);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'disabled_at');
  }
}

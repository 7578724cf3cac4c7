import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** What happens to the emails of a connection. */
export class SendingModes1764000000040 implements MigrationInterface {
  readonly name = 'SendingModes1764000000040';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text } = columnKinds(dialectOf(runner.connection.options.type));
    const columns = [
      { name: 'sending_mode', ...key, length: '16', default: "'live'" },
      { name: 'redirect_to', ...text, length: '320', isNullable: true },
    ];
    for (const column of columns) await addColumnIfMissing(runner, 'connections', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'redirect_to');
    await dropColumnIfPresent(runner, 'connections', 'sending_mode');
  }
}

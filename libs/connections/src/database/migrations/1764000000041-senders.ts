import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** More senders of a connection than the default one, and where replies go. */
export class Senders1764000000041 implements MigrationInterface {
  readonly name = 'Senders1764000000041';

  async up(runner: QueryRunner): Promise<void> {
    const { text } = columnKinds(dialectOf(runner.connection.options.type));
    const columns = [
      { name: 'reply_to', ...text, length: '320', isNullable: true },
      { name: 'other_senders', type: 'json', isNullable: true },
    ];
    for (const column of columns) await addColumnIfMissing(runner, 'connections', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'other_senders');
    await dropColumnIfPresent(runner, 'connections', 'reply_to');
  }
}

import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** How much a connection may send. */
export class SendingLimits1764000000037 implements MigrationInterface {
  readonly name = 'SendingLimits1764000000037';

  async up(runner: QueryRunner): Promise<void> {
    await addColumnIfMissing(
      runner,
      'connections',
      new TableColumn({ name: 'sending_limits', type: 'json', isNullable: true }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'sending_limits');
  }
}

import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { addColumnIfMissing, dropColumnIfPresent } from './repeatable-steps.ts';

/** The domains that a connection may send from. */
export class AllowedSenderDomains1764000000013 implements MigrationInterface {
  readonly name = 'AllowedSenderDomains1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    const column = new TableColumn({ name: 'allowed_sender_domains', type: 'json', isNullable: true });
    await addColumnIfMissing(runner, 'connections', column);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'allowed_sender_domains');
  }
}

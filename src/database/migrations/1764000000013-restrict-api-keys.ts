import { addColumnIfMissing, dropColumnIfPresent } from '@score-crm/connections';
import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';

/** The connections that an API key is restricted to. */
export class RestrictApiKeys1764000000013 implements MigrationInterface {
  readonly name = 'RestrictApiKeys1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    const column = new TableColumn({ name: 'connection_ids', type: 'json', isNullable: true });
    await addColumnIfMissing(runner, 'api_keys', column);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'api_keys', 'connection_ids');
  }
}

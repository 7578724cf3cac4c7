import { renameColumnIfPresent, replaceIndex } from '@score-crm/connections';
import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

export class RenameOrganization1764000000015 implements MigrationInterface {
  readonly name = 'RenameOrganization1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    await rename(runner, 'organisation', 'organization');
  }

  async down(runner: QueryRunner): Promise<void> {
    await rename(runner, 'organization', 'organisation');
  }
}

async function rename(runner: QueryRunner, before: string, after: string): Promise<void> {
  await renameColumnIfPresent(runner, 'api_keys', before, after);
  await renameColumnIfPresent(runner, 'sessions', before, after);
  const index = new TableIndex({ name: `ix_api_keys_${after}`, columnNames: [after, 'id'] });
  await replaceIndex(runner, 'api_keys', `ix_api_keys_${before}`, index);
}

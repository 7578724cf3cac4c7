import { addColumnIfMissing, columnKinds, dialectOf, dropColumnIfPresent } from '@score-crm/connections';
import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';

/** When an API key was last used, and when it expires. */
export class ApiKeyExpiry1764000000016 implements MigrationInterface {
  readonly name = 'ApiKeyExpiry1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    const { time } = columnKinds(dialectOf(runner.connection.options.type));
    for (const name of ['last_used_at', 'expires_at']) {
      await addColumnIfMissing(runner, 'api_keys', new TableColumn({ name, ...time, isNullable: true }));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'api_keys', 'expires_at');
    await dropColumnIfPresent(runner, 'api_keys', 'last_used_at');
  }
}

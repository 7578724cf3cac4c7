import { columnKinds, createTableIfMissing, dialectOf, dropTableIfPresent } from '@score-crm/connections';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CreateApiKeys1764000000001 implements MigrationInterface {
  readonly name = 'CreateApiKeys1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, time } = columnKinds(dialectOf(runner.connection.options.type));
    await createTableIfMissing(
      runner,
      new Table({
        name: 'api_keys',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_api_keys' },
          { name: 'organisation', ...key, length: '64' },
          { name: 'name', ...text, length: '200' },
          { name: 'digest', ...key, length: '64' },
          { name: 'scope', ...key, length: '16' },
          { name: 'hint', ...key, length: '4' },
          { name: 'created_by', ...text, length: '200' },
          { name: 'created_at', ...time },
          { name: 'revoked_at', isNullable: true, ...time },
        ],
        indices: [
          { name: 'ux_api_keys_digest', columnNames: ['digest'], isUnique: true },
          { name: 'ix_api_keys_organisation', columnNames: ['organisation', 'id'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'api_keys');
  }
}

import { columnKinds, createTableIfMissing, dialectOf, dropTableIfPresent } from '@score-crm/connections';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CreateSessions1764000000007 implements MigrationInterface {
  readonly name = 'CreateSessions1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    const { key, text, time } = columnKinds(dialectOf(runner.connection.options.type));
    await createTableIfMissing(
      runner,
      new Table({
        name: 'sessions',
        columns: [
          { name: 'digest', ...key, length: '64', isPrimary: true, primaryKeyConstraintName: 'pk_sessions' },
          { name: 'organisation', ...key, length: '64' },
          { name: 'actor', ...text, length: '200' },
          { name: 'scope', ...key, length: '16' },
          { name: 'api_key_id', isNullable: true, ...key, length: '36' },
          { name: 'created_at', ...time },
          { name: 'expires_at', ...time },
        ],
        indices: [{ name: 'ix_sessions_expires_at', columnNames: ['expires_at'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'sessions');
  }
}

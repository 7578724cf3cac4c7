import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/** The addresses that an organization does not send to. */
export class CreateSuppressions1764000000030 implements MigrationInterface {
  readonly name = 'CreateSuppressions1764000000030';

  async up(runner: QueryRunner): Promise<void> {
    const kinds = columnKinds(dialectOf(runner.connection.options.type));
    const { digest, exact, key, long, serial, small, text, time } = kinds;
    const digestColumn = {
      name: 'digest',
      type: digest.type,
      ...(digest.length === undefined ? {} : { length: String(digest.length) }),
    };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'suppressions',
        columns: [
          { name: 'id', ...serial, isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          digestColumn,
          { name: 'organization', ...key, length: '64' },
          { name: 'address', ...exact, length: '320', isNullable: true },
          { name: 'reason', ...small },
          { name: 'event_id', ...long, isNullable: true },
          { name: 'connection_id', ...key, length: '36', isNullable: true },
          { name: 'occurred_at', ...time, isNullable: true },
          { name: 'added_reason', ...small, isNullable: true },
          { name: 'added_by', ...text, length: '200', isNullable: true },
          { name: 'note', ...text, length: '200', isNullable: true },
          { name: 'created_at', ...time },
        ],
        indices: [
          { name: 'uq_suppressions_digest', columnNames: ['digest'], isUnique: true },
          { name: 'ix_suppressions_organization', columnNames: ['organization', 'id'] },
          { name: 'ix_suppressions_reason', columnNames: ['organization', 'reason', 'id'] },
        ],
      }),
    );
    await createTableIfMissing(
      runner,
      new Table({
        name: 'suppression_states',
        columns: [
          { ...digestColumn, isPrimary: true, primaryKeyConstraintName: 'pk_suppression_states' },
          { name: 'applied', ...long },
          { name: 'lifted', ...long },
          { name: 'delivered_at', ...long, isNullable: true },
          { name: 'soft_bounces', type: 'json' },
          { name: 'cause', type: 'json', isNullable: true },
        ],
      }),
    );
    const checked = new TableColumn({ name: 'check_suppressions', ...small, default: 1 });
    await addColumnIfMissing(runner, 'connections', checked);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connections', 'check_suppressions');
    await dropTableIfPresent(runner, 'suppression_states');
    await dropTableIfPresent(runner, 'suppressions');
  }
}

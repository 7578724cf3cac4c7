import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropTableIfPresent,
} from './repeatable-steps.ts';

/** The server's reply of an event, when a webhook was removed at the vendor, and tests of values that are not saved yet. */
export class RepliesAndUnsavedTests1764000000017 implements MigrationInterface {
  readonly name = 'RepliesAndUnsavedTests1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    const { key, longText, text, time } = columnKinds(dialectOf(runner.connection.options.type));
    await addColumnIfMissing(runner, 'events', new TableColumn({ name: 'reply', ...longText, isNullable: true }));
    const removedAt = new TableColumn({ name: 'removed_at', ...time, isNullable: true });
    await addColumnIfMissing(runner, 'connection_webhooks', removedAt);
    await createTableIfMissing(
      runner,
      new Table({
        name: 'unsaved_tests',
        columns: [
          { name: 'id', ...key, length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_unsaved_tests' },
          { name: 'organization', ...key, length: '64' },
          { name: 'actor', ...text, length: '200' },
          { name: 'digest', ...key, length: '64' },
          { name: 'tested_at', ...time },
          { name: 'diagnosis', type: 'json' },
        ],
        indices: [
          { name: 'ix_unsaved_tests_organization', columnNames: ['organization', 'id'] },
          { name: 'ix_unsaved_tests_tested_at', columnNames: ['tested_at'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'unsaved_tests');
    await dropColumnIfPresent(runner, 'connection_webhooks', 'removed_at');
    await dropColumnIfPresent(runner, 'events', 'reply');
  }
}

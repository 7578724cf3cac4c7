import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import { createTableIfMissing, dropTableIfPresent } from './repeatable-steps.ts';

/** The idempotency keys of requests: docs/adr/0020-idempotency-keys.md. */
export class CreateIdempotencyKeys1764000000035 implements MigrationInterface {
  readonly name = 'CreateIdempotencyKeys1764000000035';

  async up(runner: QueryRunner): Promise<void> {
    const { bytes, digest, long } = columnKinds(dialectOf(runner.connection.options.type));
    const digestOf = {
      type: digest.type,
      ...(digest.length === undefined ? {} : { length: String(digest.length) }),
    };
    await createTableIfMissing(
      runner,
      new Table({
        name: 'idempotency_keys',
        columns: [
          { name: 'attempt', ...digestOf, isPrimary: true, primaryKeyConstraintName: 'pk_idempotency_keys' },
          { name: 'digest', ...digestOf },
          { name: 'fingerprint', ...digestOf },
          { name: 'leased_until', ...long },
          { name: 'result', ...bytes, isNullable: true },
        ],
        indices: [{ name: 'uq_idempotency_keys_digest', columnNames: ['digest'], isUnique: true }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTableIfPresent(runner, 'idempotency_keys');
  }
}

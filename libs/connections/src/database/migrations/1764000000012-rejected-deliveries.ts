import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { columnKinds, dialectOf } from '../dialect.ts';
import {
  addColumnIfMissing,
  createIndexIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
} from './repeatable-steps.ts';

/**
 * One row for a rejected delivery that is repeated, with a counter; and authenticated deliveries that were rejected apart
 * from requests that were not authenticated.
 */
export class RejectedDeliveries1764000000012 implements MigrationInterface {
  readonly name = 'RejectedDeliveries1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    const { digest, integer, time } = columnKinds(dialectOf(runner.connection.options.type));
    const rejectedDigest = {
      name: 'rejected_digest',
      type: digest.type,
      ...(digest.length === undefined ? {} : { length: String(digest.length) }),
      isNullable: true,
    };
    const requests = [
      rejectedDigest,
      { name: 'occurrences', ...integer, default: 1 },
      { name: 'last_received_at', ...time, isNullable: true },
    ];
    for (const column of requests) await addColumnIfMissing(runner, 'webhook_requests', new TableColumn(column));
    await createIndexIfMissing(
      runner,
      'webhook_requests',
      new TableIndex({
        name: 'uq_webhook_requests_rejected',
        columnNames: ['connection_id', 'rejected_digest'],
        isUnique: true,
      }),
    );
    const rejectedAt = new TableColumn({ name: 'last_rejected_at', ...time, isNullable: true });
    await addColumnIfMissing(runner, 'connection_webhooks', rejectedAt);
    await runner.query(
      "UPDATE connection_webhooks SET last_rejected_at = last_refused_at WHERE last_refusal = 'quarantined'",
    );
    await runner.query(
      "UPDATE connection_webhooks SET last_refused_at = NULL, last_refusal = NULL WHERE last_refusal = 'quarantined'",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumnIfPresent(runner, 'connection_webhooks', 'last_rejected_at');
    await dropIndexIfPresent(runner, 'webhook_requests', 'uq_webhook_requests_rejected');
    for (const column of ['last_received_at', 'occurrences', 'rejected_digest']) {
      await dropColumnIfPresent(runner, 'webhook_requests', column);
    }
  }
}

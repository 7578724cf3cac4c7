import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThan } from 'typeorm';
import { columnKinds, type Dialect, dialectOf } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';

/** What is counted: requests by their outcome, and the events of accepted ones that were new. */
export type WebhookOutcome = 'accepted' | 'events' | 'rejected' | UnauthenticatedReason;

export type OutcomeCounts = Readonly<Partial<Record<WebhookOutcome, number>>>;

/** How many webhook requests of a connection had an outcome in an hour. */
export class WebhookCountRow {
  connectionId!: string;
  /** Hours since 1970, UTC. */
  hour!: number;
  outcome!: WebhookOutcome;
  count!: number;
}

export function webhookCountSchema(dialect: Dialect): EntitySchema<WebhookCountRow> {
  const { integer, key } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_webhook_counts' };
  return new EntitySchema<WebhookCountRow>({
    name: 'webhook_count',
    target: WebhookCountRow,
    tableName: 'webhook_counts',
    columns: {
      connectionId: { name: 'connection_id', ...key, length: 36, ...primary },
      hour: { ...integer, ...primary },
      outcome: { ...key, length: 16, ...primary },
      count: { name: 'requests', ...integer },
    },
    foreignKeys: [
      {
        name: 'fk_webhook_counts_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

const ADD: Readonly<Record<Dialect, string>> = {
  mysql: 'ON DUPLICATE KEY UPDATE requests = requests + VALUES(requests)',
  sqlite: 'ON CONFLICT (connection_id, hour, outcome) DO UPDATE SET requests = requests + excluded.requests',
};

/** The table `webhook_counts`. */
@Injectable()
export class WebhookCountsRepository {
  /** @param counts not empty */
  async add(
    tx: Transaction,
    connectionId: string,
    counts: readonly Omit<WebhookCountRow, 'connectionId'>[],
  ): Promise<void> {
    const rows = counts.map(() => '(?, ?, ?, ?)').join(', ');
    const ending = ADD[dialectOf(tx.connection.options.type)];
    await tx.query(
      `INSERT INTO webhook_counts (connection_id, hour, outcome, requests) VALUES ${rows} ${ending}`,
      counts.flatMap(({ hour, outcome, count }) => [connectionId, hour, outcome, count]),
    );
  }

  /** The rows of some connections since the beginning of the hour of `from`. */
  async since(tx: Transaction, connectionIds: readonly string[], from: Date): Promise<WebhookCountRow[]> {
    if (connectionIds.length === 0) return [];
    return tx
      .createQueryBuilder(WebhookCountRow, 'c')
      .where('c.connectionId IN (:...connectionIds) AND c.hour >= :hour', { connectionIds, hour: hourOf(from) })
      .getMany();
  }

  /** Deletes the rows of some connections before the hour of `time`. */
  async deleteBefore(tx: Transaction, connectionIds: readonly string[], time: Date): Promise<void> {
    await tx.delete(WebhookCountRow, { connectionId: In(connectionIds), hour: LessThan(hourOf(time)) });
  }
}

import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { ConnectionWebhookRow } from './schema/connection-webhook-row.ts';
import type { Transaction } from './unit-of-work.ts';

type Changes = Partial<Omit<ConnectionWebhookRow, 'connectionId'>>;

@Injectable()
export class ConnectionWebhooksRepository {
  async find(tx: Transaction, connectionIds: readonly string[]): Promise<ConnectionWebhookRow[]> {
    return connectionIds.length === 0 ? [] : tx.findBy(ConnectionWebhookRow, { connectionId: In(connectionIds) });
  }

  /** Creates or updates the row. Omitted columns keep their values. */
  async save(tx: Transaction, connectionId: string, changes: Changes): Promise<void> {
    await tx.upsert(ConnectionWebhookRow, { connectionId, ...changes }, ['connectionId']);
  }

  /** @returns false if another process has leased it */
  async hold(tx: Transaction, connectionId: string, now: Date, until: Date): Promise<boolean> {
    await this.save(tx, connectionId, {});
    const { affected } = await tx
      .createQueryBuilder()
      .update(ConnectionWebhookRow)
      .set({ leasedUntil: until })
      .where('connectionId = :connectionId AND (leasedUntil IS NULL OR leasedUntil <= :now)', { connectionId, now })
      .execute();
    return affected === 1;
  }
}

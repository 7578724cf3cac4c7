import { Injectable } from '@nestjs/common';
import { WebhookRequestRow } from './schema/webhook-request-row.ts';
import type { Transaction } from './unit-of-work.ts';

type RejectedRow = Pick<WebhookRequestRow, 'id' | 'accepted' | 'duplicates' | 'rejected'>;

@Injectable()
export class WebhookRequestsRepository {
  async insert(tx: Transaction, rows: readonly WebhookRequestRow[]): Promise<void> {
    if (rows.length > 0) await tx.insert(WebhookRequestRow, [...rows]);
  }

  /** Without the body, which may be long. */
  async findRejected(tx: Transaction, connectionId: string, rejectedDigest: Buffer): Promise<RejectedRow | null> {
    return tx.findOne(WebhookRequestRow, {
      select: { id: true, accepted: true, duplicates: true, rejected: true },
      where: { connectionId, rejectedDigest },
    });
  }

  /** Counts that the same came again. */
  async countAgain(tx: Transaction, id: string, at: Date): Promise<void> {
    await tx.update(WebhookRequestRow, { id }, { occurrences: () => 'occurrences + 1', lastReceivedAt: at });
  }

  async find(tx: Transaction, connectionId: string, id: string): Promise<WebhookRequestRow | null> {
    return tx.findOneBy(WebhookRequestRow, { id, connectionId });
  }
}

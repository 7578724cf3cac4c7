import { Injectable } from '@nestjs/common';
import { WebhookRequestRow } from './schema/webhook-request-row.ts';
import type { Transaction } from './unit-of-work.ts';

@Injectable()
export class WebhookRequestsRepository {
  async insert(tx: Transaction, rows: readonly WebhookRequestRow[]): Promise<void> {
    if (rows.length > 0) await tx.insert(WebhookRequestRow, [...rows]);
  }

  async find(tx: Transaction, connectionId: string, id: string): Promise<WebhookRequestRow | null> {
    return tx.findOneBy(WebhookRequestRow, { id, connectionId });
  }
}

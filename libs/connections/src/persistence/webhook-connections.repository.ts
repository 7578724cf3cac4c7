import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { ConnectionRow } from './schema/connection-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** The connections as webhooks address them: of all organizations, and deleted ones too. */
@Injectable()
export class WebhookConnectionsRepository {
  async find(tx: Transaction, id: string): Promise<ConnectionRow | null> {
    return isUuid(id) ? tx.findOneBy(ConnectionRow, { id }) : null;
  }
}

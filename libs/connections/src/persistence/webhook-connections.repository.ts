import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { ConnectionRow } from './schema/connection-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** The connections of all organizations, including deleted ones, for webhooks. */
@Injectable()
export class WebhookConnectionsRepository {
  async find(tx: Transaction, id: string): Promise<ConnectionRow | null> {
    return isUuid(id) ? tx.findOneBy(ConnectionRow, { id }) : null;
  }
}

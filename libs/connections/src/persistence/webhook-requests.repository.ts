import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { WebhookRequestBodyRow } from './schema/webhook-request-body-row.ts';
import { WebhookRequestRow } from './schema/webhook-request-row.ts';
import type { Transaction } from './unit-of-work.ts';

type RejectedRow = Pick<WebhookRequestRow, 'id' | 'accepted' | 'duplicates' | 'rejected'>;

/** What a row needs at most beside its body. */
const ROW_BYTES = 16 * 1024;

@Injectable()
export class WebhookRequestsRepository {
  /** @param statementBytes the most bytes of one statement */
  async insert(tx: Transaction, rows: readonly WebhookRequestRow[], statementBytes: number): Promise<void> {
    // Written in hexadecimal, a byte needs two.
    const partBytes = Math.max(1, Math.floor((statementBytes - ROW_BYTES) / 2));
    let group: WebhookRequestRow[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 0) await tx.insert(WebhookRequestRow, group);
      [group, bytes] = [[], 0];
    };
    for (const row of rows) {
      const body = row.body?.subarray(0, partBytes) ?? null;
      const size = ROW_BYTES + 2 * (body?.length ?? 0);
      if (bytes + size > statementBytes) await flush();
      group.push(Object.assign(new WebhookRequestRow(), row, { body }));
      bytes += size;
    }
    await flush();
    for (const { id, connectionId, body } of rows) {
      if (body === null) continue;
      for (let start = partBytes; start < body.length; start += partBytes) {
        // Lets the event loop turn: writing a body into a statement takes milliseconds.
        await turn();
        const part = { requestId: id, part: start / partBytes, connectionId };
        await tx.insert(WebhookRequestBodyRow, { ...part, bytes: body.subarray(start, start + partBytes) });
      }
    }
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

  async updateCounts(tx: Transaction, id: string, counts: { accepted: number; duplicates: number }): Promise<void> {
    await tx.update(WebhookRequestRow, { id }, counts);
  }

  async dropBody(tx: Transaction, id: string): Promise<void> {
    await tx.update(WebhookRequestRow, { id }, { body: null });
    await tx.delete(WebhookRequestBodyRow, { requestId: id });
  }

  /** With its whole body. */
  async find(tx: Transaction, connectionId: string, id: string): Promise<WebhookRequestRow | null> {
    const row = await tx.findOneBy(WebhookRequestRow, { id, connectionId });
    if (row === null || row.body === null) return row;
    const parts = await tx.find(WebhookRequestBodyRow, { where: { requestId: id }, order: { part: 'ASC' } });
    row.body = Buffer.concat([row.body, ...parts.map(({ bytes }) => bytes)]);
    return row;
  }
}

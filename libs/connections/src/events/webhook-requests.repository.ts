import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThanOrEqual } from 'typeorm';
import type { StatementLimits } from '../database/database-engine.ts';
import { type DeletedRows, nextStep } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import { InsertStatements } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/** `rejected`: the request was authenticated, but its body could not be read. */
export type WebhookRequestStatus = 'accepted' | 'rejected';

/** An item of a batch that could not be stored as an event. */
export interface RejectedItem {
  readonly position: number;
  readonly reason: string;
}

export const CONTENT_TYPE_LENGTH = 200;
export const REASON_LENGTH = 500;

/** An authenticated request as it was received. */
export class WebhookRequestRow {
  id!: string;
  connectionId!: string;
  organization!: string;
  vendor!: string;
  receivedAt!: Date;
  contentType!: string | null;
  /** The query parameters that the adapter reads in addition to the body. */
  parameters!: Readonly<Record<string, string>> | null;
  /** Gzip. Null if it is not needed: the request contained only duplicates, or no event. */
  body!: Buffer | null;
  status!: WebhookRequestStatus;
  accepted!: number;
  duplicates!: number;
  rejected!: number;
  /** The first of the rejected items. */
  rejections!: readonly RejectedItem[] | null;
  /** Why the delivery was rejected. */
  reason!: string | null;
  /** For a delivery with rejected items: identifies repetitions. Unique within a connection. */
  rejectedDigest!: Buffer | null;
  /** How often the delivery was received. */
  occurrences!: number;
  /** When the delivery was last repeated. */
  lastReceivedAt!: Date | null;
}

export function webhookRequestSchema(dialect: Dialect): EntitySchema<WebhookRequestRow> {
  const { bytes, digest, integer, key, text, time } = columnKinds(dialect);
  return new EntitySchema<WebhookRequestRow>({
    name: 'webhook_request',
    target: WebhookRequestRow,
    tableName: 'webhook_requests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_requests' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      vendor: { ...key, length: 32 },
      receivedAt: { name: 'received_at', ...time },
      contentType: { name: 'content_type', ...text, length: CONTENT_TYPE_LENGTH, nullable: true },
      parameters: { type: 'json', nullable: true },
      body: { ...bytes, nullable: true },
      status: { ...key, length: 16 },
      accepted: { ...integer },
      duplicates: { ...integer },
      rejected: { ...integer },
      rejections: { type: 'json', nullable: true },
      reason: { ...text, length: REASON_LENGTH, nullable: true },
      rejectedDigest: { name: 'rejected_digest', ...digest, nullable: true },
      occurrences: { ...integer, default: 1 },
      lastReceivedAt: { name: 'last_received_at', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_requests_connection', columns: ['connectionId', 'id'] },
      { name: 'uq_webhook_requests_rejected', columns: ['connectionId', 'rejectedDigest'], unique: true },
    ],
  });
}

/** A further part of a request's body that is too large for one statement. The first part is in the request's own row. */
export class WebhookRequestBodyRow {
  requestId!: string;
  /** From 1. */
  part!: number;
  connectionId!: string;
  bytes!: Buffer;
}

export function webhookRequestBodySchema(dialect: Dialect): EntitySchema<WebhookRequestBodyRow> {
  const { bytes, integer, key } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_webhook_request_bodies' };
  return new EntitySchema<WebhookRequestBodyRow>({
    name: 'webhook_request_body',
    target: WebhookRequestBodyRow,
    tableName: 'webhook_request_bodies',
    columns: {
      requestId: { name: 'request_id', ...key, length: 36, ...primary },
      part: { ...integer, ...primary },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      bytes: { ...bytes },
    },
    indices: [{ name: 'ix_webhook_request_bodies_connection', columns: ['connectionId', 'requestId'] }],
  });
}

type RejectedRow = Pick<WebhookRequestRow, 'id' | 'accepted' | 'duplicates' | 'rejected'>;

/** What a row needs at most beside its body. */
const ROW_BYTES = 16 * 1024;

@Injectable()
export class WebhookRequestsRepository {
  private readonly statements = new InsertStatements<WebhookRequestRow>(WebhookRequestRow);

  async insert(tx: Transaction, rows: readonly WebhookRequestRow[], limits: StatementLimits): Promise<void> {
    // Written in hexadecimal, a byte needs two.
    const partBytes = Math.max(1, Math.floor((limits.usual - ROW_BYTES) / 2));
    const firstParts = rows.map((row) =>
      Object.assign(new WebhookRequestRow(), row, { body: row.body?.subarray(0, partBytes) ?? null }),
    );
    await this.statements.of(tx.connection).run(tx, firstParts, limits);
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

  /** Few at a time, because requests are large. */
  async deleteSome(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    const { where, lastKey } = await nextStep(tx, WebhookRequestRow, 'id', connectionId, 100);
    const ofBodies = lastKey === undefined ? {} : { requestId: LessThanOrEqual(lastKey as string) };
    await tx.delete(WebhookRequestBodyRow, { connectionId, ...ofBodies });
    const { affected } = await tx.delete(WebhookRequestRow, where);
    return { deleted: affected ?? 0, isLast: lastKey === undefined };
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

export const compress: (bytes: Uint8Array) => Promise<Buffer> = promisify(gzip);
export const decompress: (bytes: Uint8Array) => Promise<Buffer> = promisify(gunzip);

/** The request as far as it is stored, which is all that is parsed: now, and again for the raw form of an item. */
export function storedRequest(
  contentType: string | null,
  parameters: Readonly<Record<string, string>> | null,
  body: Uint8Array,
): WebhookRequest {
  return {
    headers: contentType === null ? {} : { 'content-type': contentType },
    query: parameters ?? {},
    body,
  };
}

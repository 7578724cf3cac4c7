import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { WebhookRequestsRepository } from '../persistence/webhook-requests.repository.ts';

const DIGEST_BYTES = 16;

/** A delivery with rejected items, or rejected as a whole. */
export interface RejectedDelivery {
  readonly connection: ConnectionRow;
  readonly digest: Buffer;
  readonly receivedAt: Date;
  /** How many of its items are events. */
  readonly events: number;
  readonly rejected: number;
}

/** Recognizes repeated rejected deliveries, so that each is stored once, with a counter. */
@Injectable()
export class RejectedDeliveries {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: WebhookRequestsRepository,
  ) {}

  /**
   * Counts a delivery that is stored already.
   * @returns `counted`; `new` if it is not stored; `changed` if it is, but an earlier version of its adapter rejected other
   *   items of it, so that its events may be new
   */
  async count({
    connection,
    digest,
    receivedAt,
    events,
    rejected,
  }: RejectedDelivery): Promise<'counted' | 'new' | 'changed'> {
    const turn = connection.organization;
    const options = { lane: 'ingest', turn } as const;
    const row = await this.unitOfWork.read((tx) => this.requests.findRejected(tx, connection.id, digest), options);
    if (row === null) return 'new';
    if (row.accepted + row.duplicates !== events || row.rejected !== rejected) return 'changed';
    await this.unitOfWork.write((tx) => this.requests.countAgain(tx, row.id, receivedAt), options);
    return 'counted';
  }
}

/** The digest of everything that is parsed of a delivery. */
export function deliveryDigest(
  contentType: string | null,
  parameters: Readonly<Record<string, string>> | null,
  body: Uint8Array,
): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([contentType, parameters]))
    .update(body)
    .digest()
    .subarray(0, DIGEST_BYTES);
}

import { Injectable } from '@nestjs/common';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import {
  decompress,
  type DeliveryStatus,
  EventBatchesRepository,
  type EventBatchRow,
  type RejectedItem,
} from '../events/event-batches.repository.ts';
import {
  checkedNumber,
  type Page,
  PAGE_LIMITS,
  decodeNumberCursor,
  encodeNumberCursor,
  parseNumberId,
} from '../input/paging.ts';

/** The statuses of a delivery. */
export const DELIVERY_STATUSES = [
  'accepted',
  'rejected',
  'unauthenticated',
] as const satisfies readonly DeliveryStatus[];

/** A webhook request that was received. */
export interface Delivery {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly receivedAt: Date;
  /** When it was last repeated; equal to `receivedAt` if it was not. */
  readonly lastReceivedAt: Date;
  /** How often it was received. Only rejected and unauthenticated deliveries, and those with rejected items, are counted. */
  readonly occurrences: number;
  /** The size of the body as it was received, in bytes. */
  readonly size: number;
  /** From the complete request to the start of storing it. */
  readonly durationMs: number;
  /** How many events were new. */
  readonly accepted: number;
  /** How many events had been stored before. */
  readonly duplicates: number;
  /** How many items could not be read. */
  readonly rejected: number;
  /** The first 20 of the rejected items, by their position from 0. */
  readonly rejections: readonly RejectedItem[];
  /** Why the whole delivery was rejected, or is not authenticated; null if it was accepted. */
  readonly reason: string | null;
  /** Whether the body is stored. That of a delivery without new events or rejected items is not. */
  readonly hasBody: boolean;
}

export interface DeliveryDetails extends Delivery {
  readonly contentType: string | null;
  /** The body as text, up to 1 MiB; null if it is not stored. */
  readonly body: string | null;
  /** Whether `body` is only the beginning of the body. */
  readonly truncated: boolean;
}

export interface DeliveryQuery {
  /** All by default. */
  readonly status?: readonly DeliveryStatus[] | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

/** The connection has no delivery with this id. */
export class DeliveryNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Delivery not found. Check the ID.');
  }
}

const MAX_BODY_BYTES = 1 << 20;

/** The webhook requests that a connection has received, always within the caller's organization. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: EventBatchesRepository,
  ) {}

  /** Newest first. @throws ConnectionNotFoundError, InvalidQueryError */
  async list(caller: Caller, connectionId: string, query: DeliveryQuery = {}): Promise<Page<Delivery>> {
    const { status: statuses = DELIVERY_STATUSES, cursor } = query;
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = cursor === undefined ? undefined : decodeDeliveryCursor(cursor);
    const { number } = await this.loader.row(caller.organization, connectionId);
    const { rows, withBody } = await this.unitOfWork.read(
      async (tx) => {
        const found = await this.batches.list(tx, { connection: number, statuses, before, limit: limit + 1 });
        const ids = found.map(({ id }) => id);
        return { rows: found, withBody: await this.batches.withBody(tx, ids) };
      },
      { lane: 'query', turn: caller.organization },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((row) => toDelivery(row, withBody.has(row.id))),
      nextCursor: rows.length > limit && last !== undefined ? encodeNumberCursor('delivery', last.id) : null,
    };
  }

  /** Returns one delivery with its body. @throws ConnectionNotFoundError, DeliveryNotFoundError */
  async get(caller: Caller, connectionId: string, deliveryId: string): Promise<DeliveryDetails> {
    const { number } = await this.loader.row(caller.organization, connectionId);
    const id = parseNumberId(deliveryId);
    if (id === undefined) throw new DeliveryNotFoundError();
    const { row, body } = await this.unitOfWork.read(
      async (tx) => ({
        row: await this.batches.findOne(tx, number, id),
        body: await this.batches.body(tx, id),
      }),
      { lane: 'query', turn: caller.organization },
    );
    if (row === null || row.status === 'sent') throw new DeliveryNotFoundError();
    const { contentType } = row;
    const delivery = { ...toDelivery(row, body !== null), contentType };
    if (body === null) return { ...delivery, body: null, truncated: false };
    const bytes = await decompress(body);
    // As a stream: a character that is cut in half is left out.
    const text = new TextDecoder().decode(bytes.subarray(0, MAX_BODY_BYTES), { stream: true });
    return { ...delivery, body: text, truncated: row.size > Math.min(bytes.length, MAX_BODY_BYTES) };
  }
}

function toDelivery(row: EventBatchRow, hasBody: boolean): Delivery {
  const { id, receivedAt, occurrences, size, durationMs, accepted, duplicates, rejected, reason } = row;
  return {
    id: String(id),
    status: row.status as DeliveryStatus,
    receivedAt,
    lastReceivedAt: row.lastReceivedAt ?? receivedAt,
    occurrences,
    size,
    durationMs,
    accepted,
    duplicates,
    rejected,
    rejections: row.rejections ?? [],
    reason,
    hasBody,
  };
}

/** @throws InvalidQueryError */
export function decodeDeliveryCursor(cursor: string): number {
  return decodeNumberCursor('delivery', cursor);
}

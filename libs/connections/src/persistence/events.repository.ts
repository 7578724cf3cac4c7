import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { In, LessThan } from 'typeorm';
import { dialectOf } from './dialect.ts';
import { type EventOrigin, EventRow } from './schema/event-row.ts';
import type { Transaction } from './unit-of-work.ts';

export type NewEvent = Omit<EventRow, 'id'>;

export interface EventFilter {
  readonly connectionId: string;
  readonly kind?: EventKind | undefined;
  /** The spellings of one address. */
  readonly recipients?: readonly string[] | undefined;
  /** Only events older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const COUNTED_ORIGINS: readonly EventOrigin[] = ['ours', 'unmatched'];
// SQLite takes 32,766 values in one statement; an event has twenty.
const ROWS_PER_STATEMENT = 500;
const IDS_PER_STATEMENT = 10_000;
// Neither clause is INSERT IGNORE, which would take a value too long or missing for a known event as well.
const KEEP_KNOWN = {
  mysql: ' ON DUPLICATE KEY UPDATE id = id',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
} as const;

@Injectable()
export class EventsRepository {
  /** Stores those whose digest is not known yet. */
  async insertNew(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
    const keepKnown = KEEP_KNOWN[dialectOf(tx.connection.options.type)];
    // All instances lock in one order, so that they seldom wait for each other in a circle.
    const sorted = events.toSorted((a, b) => Buffer.compare(a.digest, b.digest));
    for (let start = 0; start < sorted.length; start += ROWS_PER_STATEMENT) {
      const [sql, parameters] = tx
        .createQueryBuilder()
        .insert()
        .into(EventRow)
        .values(sorted.slice(start, start + ROWS_PER_STATEMENT))
        .updateEntity(false)
        .getQueryAndParameters();
      await tx.query(sql + keepKnown, parameters);
    }
  }

  /** How many events each request brought first. */
  async countByRequest(tx: Transaction, requestIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (requestIds.length === 0) return new Map();
    const rows = await tx
      .createQueryBuilder(EventRow, 'e')
      .select('e.requestId', 'requestId')
      .addSelect('COUNT(*)', 'count')
      .where({ requestId: In(requestIds) })
      .groupBy('e.requestId')
      .getRawMany<{ requestId: string; count: number | string }>();
    return new Map(rows.map(({ requestId, count }) => [requestId, Number(count)]));
  }

  /** Of these message ids, in their stored form, those that were sent through the connection. */
  async findSent(tx: Transaction, connectionId: string, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    for (let start = 0; start < messageIds.length; start += IDS_PER_STATEMENT) {
      const rows = await tx
        .createQueryBuilder(EventRow, 'e')
        .select('DISTINCT e.messageId', 'messageId')
        .where({ connectionId, kind: 'sent', origin: 'ours' })
        .andWhere({ messageId: In(messageIds.slice(start, start + IDS_PER_STATEMENT)) })
        .getRawMany<{ messageId: string }>();
      for (const { messageId } of rows) sent.add(messageId);
    }
    return sent;
  }

  /** Newest first. */
  async list(tx: Transaction, { connectionId, kind, recipients, before, limit }: EventFilter): Promise<EventRow[]> {
    return tx.find(EventRow, {
      where: {
        connectionId,
        ...(kind === undefined ? {} : { kind }),
        ...(recipients === undefined ? {} : { recipient: In(recipients) }),
        ...(before === undefined ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** How many of each kind happened from `from` on. Other systems' events, tests and opens by machines do not count. */
  async countByKind(tx: Transaction, connectionId: string, from: Date): Promise<ReadonlyMap<EventKind, number>> {
    const rows = await tx
      .createQueryBuilder(EventRow, 'e')
      .select('e.kind', 'kind')
      .addSelect('COUNT(*)', 'count')
      .where('e.connectionId = :connectionId AND e.occurredAt >= :from', { connectionId, from })
      .andWhere('e.origin IN (:...origins) AND (e.machine IS NULL OR e.machine = 0)', { origins: COUNTED_ORIGINS })
      .groupBy('e.kind')
      .getRawMany<{ kind: EventKind; count: number | string }>();
    return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
  }

  async find(tx: Transaction, connectionId: string, id: number): Promise<EventRow | null> {
    return tx.findOneBy(EventRow, { connectionId, id });
  }
}

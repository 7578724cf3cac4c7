import { setImmediate as turn } from 'node:timers/promises';
import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { In, LessThan, MoreThan } from 'typeorm';
import type { StatementLimits } from './database-engine.ts';
import { dialectOf } from './dialect.ts';
import { type EventAttribution, EventRow } from './schema/event-row.ts';
import { StatementTooLargeError } from './statement-too-large.error.ts';
import type { Transaction } from './unit-of-work.ts';

export type NewEvent = Omit<EventRow, 'id'>;

interface RequestCount {
  readonly requestId: string;
  readonly count: number | string;
  readonly lastId: number | string;
}

export interface EventFilter {
  readonly connectionId: string;
  readonly kind?: EventKind | undefined;
  /** The spellings of one address. */
  readonly recipients?: readonly string[] | undefined;
  /** Only events older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const COUNTED_ATTRIBUTIONS: readonly EventAttribution[] = ['own', 'unmatched'];
// A few milliseconds of work each. SQLite accepts 32,766 values in one statement; an event has twenty.
const ROWS_PER_STATEMENT = 200;
const IDS_PER_STATEMENT = 1_000;
// Neither clause is INSERT IGNORE, which would take a value too long or missing for a known event as well.
const KEEP_KNOWN = {
  mysql: ' ON DUPLICATE KEY UPDATE id = id',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
} as const;

@Injectable()
export class EventsRepository {
  /**
   * Stores those whose digest is not known yet.
   * @throws StatementTooLargeError if a single event is larger than a statement may be
   */
  async insertNew(tx: Transaction, events: readonly NewEvent[], limits: StatementLimits): Promise<void> {
    const { connection } = tx;
    const { driver } = connection;
    const metadata = connection.getMetadata(EventRow);
    const columns = metadata.columns.filter(({ isGenerated }) => !isGenerated);
    const names = columns.map(({ databaseName }) => driver.escape(databaseName)).join(', ');
    const head = `INSERT INTO ${driver.escape(metadata.tableName)} (${names}) VALUES `;
    const row = `(${columns.map(() => '?').join(', ')})`;
    const keepKnown = KEEP_KNOWN[dialectOf(connection.options.type)];
    let values: unknown[] = [];
    let rows = 0;
    let bytes = head.length;
    const flush = async (): Promise<void> => {
      if (rows === 0) return;
      await tx.query(head + Array.from({ length: rows }, () => row).join(', ') + keepKnown, values);
      [values, rows, bytes] = [[], 0, head.length];
      // Lets the event loop turn: on SQLite, nothing else would.
      await turn();
    };
    // All instances lock in one order, so that they seldom wait for each other in a circle.
    for (const event of events.toSorted((a, b) => Buffer.compare(a.digest, b.digest))) {
      const own = columns.map((column): unknown =>
        driver.preparePersistentValue(event[column.propertyName as keyof NewEvent], column),
      );
      const size = own.reduce((sum: number, value) => sum + sqlBytes(value), row.length);
      if (size + head.length + keepKnown.length > limits.most) throw new StatementTooLargeError(limits.most);
      if (rows === ROWS_PER_STATEMENT || bytes + size + keepKnown.length > limits.usual) await flush();
      values.push(...own);
      rows++;
      bytes += size;
    }
    await flush();
  }

  /** How many events each request brought first, of those above the id that is given for it, and the highest id of them. */
  async countNew(
    tx: Transaction,
    requests: readonly { readonly requestId: string; readonly lastId: number }[],
  ): Promise<ReadonlyMap<string, { readonly accepted: number; readonly lastId: number }>> {
    const count = async (ids: readonly string[], lastId: number): Promise<readonly RequestCount[]> =>
      ids.length === 0
        ? []
        : tx
            .createQueryBuilder(EventRow, 'e')
            .select('e.requestId', 'requestId')
            .addSelect('COUNT(*)', 'count')
            .addSelect('MAX(e.id)', 'lastId')
            .where({ requestId: In(ids), ...(lastId === 0 ? {} : { id: MoreThan(lastId) }) })
            .groupBy('e.requestId')
            .getRawMany<RequestCount>();
    const counts = [
      ...(await count(
        requests.filter(({ lastId }) => lastId === 0).map(({ requestId }) => requestId),
        0,
      )),
    ];
    for (const { requestId, lastId } of requests) if (lastId > 0) counts.push(...(await count([requestId], lastId)));
    return new Map(
      counts.map((row) => [row.requestId, { accepted: Number(row.count), lastId: Number(row.lastId) }] as const),
    );
  }

  /** Of these message ids, in their stored form, those that were sent through the connection. */
  async findSent(tx: Transaction, connectionId: string, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    for (let start = 0; start < messageIds.length; start += IDS_PER_STATEMENT) {
      const rows = await tx
        .createQueryBuilder(EventRow, 'e')
        .select('DISTINCT e.messageId', 'messageId')
        .where({ connectionId, kind: 'sent', attribution: 'own' })
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

  /** The number of events of each kind since `from`, without foreign and test events and opens by machines. */
  async countByKind(tx: Transaction, connectionId: string, from: Date): Promise<ReadonlyMap<EventKind, number>> {
    const rows = await tx
      .createQueryBuilder(EventRow, 'e')
      .select('e.kind', 'kind')
      .addSelect('COUNT(*)', 'count')
      .where('e.connectionId = :connectionId AND e.occurredAt >= :from', { connectionId, from })
      .andWhere('e.attribution IN (:...attributions) AND (e.machine IS NULL OR e.machine = 0)', {
        attributions: COUNTED_ATTRIBUTIONS,
      })
      .groupBy('e.kind')
      .getRawMany<{ kind: EventKind; count: number | string }>();
    return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
  }

  async find(tx: Transaction, connectionId: string, id: number): Promise<EventRow | null> {
    return tx.findOneBy(EventRow, { connectionId, id });
  }
}

/** How many bytes a value needs in a statement at most: escaped, text may double, and bytes are written in hexadecimal. */
function sqlBytes(value: unknown): number {
  if (typeof value === 'string') return 4 + 2 * Buffer.byteLength(value);
  return value instanceof Uint8Array ? 4 + 2 * value.length : 32;
}

import type { Bounce, EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThan, MoreThan, type ValueTransformer } from 'typeorm';
import type { StatementLimits } from '../database/database-engine.ts';
import { deleteNext, type DeletedRows } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import { InsertStatements } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/**
 * The connection whose message an event is about. `own`: the event contains the id of this connection, or of a message that
 * was sent through it. `foreign`: the id of another connection of the same vendor account. `unmatched`: neither. `test`: the
 * event is about a test message, or the vendor created it to test the webhook.
 */
export type EventAttribution = 'own' | 'foreign' | 'unmatched' | 'test';

/** How long the columns of an event are, in characters. */
export const EVENT_LENGTHS = { id: 255, recipient: 320, reply: 4_000, url: 8_000, userAgent: 1_000 } as const;

export class EventRow {
  id!: number;
  connectionId!: string;
  organization!: string;
  /** Identifies the event within its connection. */
  digest!: Buffer;
  /**
   * The webhook request that first contained the event, and its position in the batch, where its raw form is. For an event
   * that the service itself created when it sent a message: the service's id of the message, without a raw form.
   */
  requestId!: string;
  position!: number;
  kind!: EventKind;
  occurredAt!: Date;
  receivedAt!: Date;
  recipient!: string | null;
  messageId!: string | null;
  vendorEventId!: string | null;
  bounce!: Bounce | null;
  /** What the receiving server replied, for an event that is not a bounce; that of a bounce is its `reason`. */
  reply!: string | null;
  url!: string | null;
  userAgent!: string | null;
  ip!: string | null;
  machine!: boolean | null;
  tags!: readonly string[] | null;
  metadata!: Readonly<Record<string, string>> | null;
  attribution!: EventAttribution;
}

// The MySQL drivers return a bigint as text.
const NUMBER: ValueTransformer = { from: Number, to: (value: unknown) => value };
const FLAG: ValueTransformer = {
  from: (value: number | null) => (value === null ? null : value === 1),
  to: (value: boolean | null) => (value === null ? null : Number(value)),
};

export function eventSchema(dialect: Dialect): EntitySchema<EventRow> {
  const { digest, exact, integer, key, longText, serial, text, time } = columnKinds(dialect);
  return new EntitySchema<EventRow>({
    name: 'event',
    target: EventRow,
    tableName: 'events',
    columns: {
      id: { ...serial, primary: true, generated: 'increment', transformer: NUMBER },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      digest: { ...digest },
      requestId: { name: 'request_id', ...key, length: 36 },
      position: { ...integer },
      kind: { ...key, length: 16 },
      occurredAt: { name: 'occurred_at', ...time },
      receivedAt: { name: 'received_at', ...time },
      recipient: { ...exact, length: EVENT_LENGTHS.recipient, nullable: true },
      messageId: { name: 'message_id', ...key, length: EVENT_LENGTHS.id, nullable: true },
      vendorEventId: { name: 'vendor_event_id', ...key, length: EVENT_LENGTHS.id, nullable: true },
      bounce: { type: 'json', nullable: true },
      reply: { ...longText, nullable: true },
      url: { ...longText, nullable: true },
      userAgent: { name: 'user_agent', ...text, length: EVENT_LENGTHS.userAgent, nullable: true },
      ip: { ...key, length: 45, nullable: true },
      machine: { ...integer, nullable: true, transformer: FLAG },
      tags: { type: 'json', nullable: true },
      metadata: { type: 'json', nullable: true },
      attribution: { ...key, length: 16 },
    },
    indices: [
      { name: 'uq_events_digest', columns: ['digest'], unique: true },
      { name: 'ix_events_kind', columns: ['connectionId', 'kind', 'id'] },
      { name: 'ix_events_connection', columns: ['connectionId', 'id'] },
      { name: 'ix_events_recipient', columns: ['connectionId', 'recipient', 'id'] },
      { name: 'ix_events_request', columns: ['requestId'] },
      { name: 'ix_events_message', columns: ['connectionId', 'messageId'] },
      { name: 'ix_events_counts', columns: ['connectionId', 'occurredAt', 'kind', 'attribution', 'machine'] },
    ],
  });
}

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
  /** In its stored form. */
  readonly messageId?: string | undefined;
  /** Only events older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The events of one message, of all its recipients or of one. */
export type MessageFilter = Pick<EventFilter, 'connectionId' | 'recipients' | 'limit'> & {
  /** In its stored form. */
  readonly messageId: string;
};

const COUNTED_ATTRIBUTIONS: readonly EventAttribution[] = ['own', 'unmatched'];
const IDS_PER_STATEMENT = 1_000;
// Neither clause is INSERT IGNORE, which would take a value too long or missing for a known event as well.
const KEEP_KNOWN = {
  mysql: ' ON DUPLICATE KEY UPDATE id = id',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
} as const;

@Injectable()
export class EventsRepository {
  private readonly statements = new InsertStatements<NewEvent>(EventRow, KEEP_KNOWN);

  /**
   * Stores those whose digest is not known yet.
   * @throws StatementTooLargeError if a single event is larger than a statement may be
   */
  async insertNew(tx: Transaction, events: readonly NewEvent[], limits: StatementLimits): Promise<void> {
    // All instances lock in one order, so that they seldom wait for each other in a circle.
    const sorted = events.toSorted((a, b) => Buffer.compare(a.digest, b.digest));
    await this.statements.of(tx.connection).run(tx, sorted, limits);
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
  async list(tx: Transaction, filter: EventFilter): Promise<EventRow[]> {
    const { connectionId, kind, recipients, messageId, before, limit } = filter;
    return tx.find(EventRow, {
      where: {
        connectionId,
        ...(messageId === undefined ? {} : { messageId }),
        ...(kind === undefined ? {} : { kind }),
        ...(recipients === undefined ? {} : { recipient: In(recipients) }),
        ...(before === undefined ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** The events of one message, in the order in which they happened. */
  async ofMessage(tx: Transaction, { connectionId, messageId, recipients, limit }: MessageFilter): Promise<EventRow[]> {
    return tx.find(EventRow, {
      where: { connectionId, messageId, ...(recipients === undefined ? {} : { recipient: In(recipients) }) },
      order: { occurredAt: 'ASC', id: 'ASC' },
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

  async deleteSome(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    return deleteNext(tx, EventRow, 'id', connectionId, 1_000);
  }

  async find(tx: Transaction, connectionId: string, id: number): Promise<EventRow | null> {
    return tx.findOneBy(EventRow, { connectionId, id });
  }
}

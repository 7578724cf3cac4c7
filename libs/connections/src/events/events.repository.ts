import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { type BounceClass, EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, type ValueTransformer, LessThanOrEqual } from 'typeorm';
import { CounterRow } from '../database/counters.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import { type DeletedRange, type DeletedRows, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect, dialectOf, FLAG, NUMBER } from '../database/dialect.ts';
import { anyOf, type Condition, type IndexedSelect, select, selectRows } from '../database/indexed-select.ts';
import { isWithoutDuplicates } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import {
  idCondition,
  type IdRange,
  type Order,
  orderedBy,
  type ScanBudget,
  scanInOrder,
  type ScannedRow,
  type Step,
} from './index-scan.ts';

/**
 * The connection whose message an event is about. `own`: the event contains the id of this connection, or of a message that
 * was sent through it. `foreign`: the id of another connection of the same vendor account. `unmatched`: neither. `test`: the
 * event is about a test message, or the vendor created it to test the webhook.
 */
export type EventAttribution = 'own' | 'foreign' | 'unmatched' | 'test';

/** How long the columns of an event are, in characters. */
export const EVENT_LENGTHS = { id: 255, recipient: 320 } as const;

/** What events are searched by. Everything else is in the body of their batch: see `EventDetails`. */
export class EventRow {
  /** The id of its batch × 65,536 + its position in the batch. */
  id!: number;
  /** The number of its connection. */
  connection!: number;
  /** Identifies the event within its connection; begins with its time, so that new events are next to each other. */
  digest!: Buffer;
  kind!: EventKind;
  attribution!: EventAttribution;
  occurredAt!: Date;
  machine!: boolean | null;
  /** Of an event that has one, such as a bounce or a deferral; null in events that earlier versions have stored. */
  bounceClass!: BounceClass | null;
  /** Counts up as events are stored. The indexes of hashes begin with it, so that they grow in one place. */
  bucket!: number;
  recipientHash!: number | null;
  messageHash!: number | null;
  recipient!: string | null;
  messageId!: string | null;
}

/** What a reader of an event needs of its row. */
export type StoredEvent = Omit<EventRow, 'digest' | 'bucket' | 'recipientHash' | 'messageHash'>;

/** An event without what only storing it decides. */
export type NewEvent = Omit<EventRow, 'id' | 'bucket' | 'digest'> & {
  readonly position: number;
  /** In hexadecimal. */
  readonly digest: string;
  /** The digest that earlier versions have stored, in hexadecimal. */
  readonly legacyDigest: string;
};

/** How many events are in one bucket, about. */
const BUCKET_EVENTS = 1 << 20;
const IDS_PER_BATCH = 65_536;

/** The bucket of events that are stored when the counter of events has this value. */
export function bucketOf(events: number): number {
  return Math.floor(events / BUCKET_EVENTS);
}

export function eventId(batch: number, position: number): number {
  return batch * IDS_PER_BATCH + position;
}

/** How many successive batch ids a batch needs for its items. */
export function batchIdsFor(items: number): number {
  return Math.max(1, Math.ceil(items / IDS_PER_BATCH));
}

/** The batch of an event, or, for an item beyond the first 65,536, the number that its batch would have. */
export function batchOf(id: number): number {
  return Math.floor(id / IDS_PER_BATCH);
}

// Stored: a code is never used for anything else.
export const KIND_CODES: Readonly<Record<EventKind, number>> = {
  unknown: 0,
  queued: 1,
  sent: 2,
  delivered: 3,
  deferred: 4,
  bounced: 5,
  rejected: 6,
  failed: 7,
  opened: 8,
  clicked: 9,
  complained: 10,
  unsubscribed: 11,
  subscribed: 12,
};
export const BOUNCE_CLASS_CODES: Readonly<Record<BounceClass, number>> = {
  unknown: 0,
  hard: 1,
  soft: 2,
  block: 3,
  policy: 4,
  admin: 5,
};
const ATTRIBUTIONS: Readonly<Record<EventAttribution, number>> = { own: 1, foreign: 2, unmatched: 3, test: 4 };

/** Names that are stored as small numbers. */
export function coded<Name extends string>(codes: Readonly<Record<Name, number>>): ValueTransformer {
  const names = new Map(Object.entries(codes).map(([name, code]) => [code, name]));
  return {
    from: (code: number | null) => (code === null ? null : names.get(code)),
    to: (name: Name | null) => (name === null ? null : codes[name]),
  };
}

const MILLISECONDS: ValueTransformer = {
  from: (value: unknown) => new Date(Number(value)),
  to: (value: Date) => value.getTime(),
};

export function eventSchema(dialect: Dialect): EntitySchema<EventRow> {
  const { digest, exact, integer, key, long, small } = columnKinds(dialect);
  return new EntitySchema<EventRow>({
    name: 'email_event',
    target: EventRow,
    tableName: 'email_events',
    columns: {
      id: { ...long, primary: true, primaryKeyConstraintName: 'pk_email_events', transformer: NUMBER },
      connection: { ...integer },
      digest: { ...digest },
      kind: { ...small, transformer: coded(KIND_CODES) },
      attribution: { ...small, transformer: coded(ATTRIBUTIONS) },
      occurredAt: { name: 'occurred_at', ...long, transformer: MILLISECONDS },
      machine: { ...small, nullable: true, transformer: FLAG },
      bounceClass: { name: 'bounce_class', ...small, nullable: true, transformer: coded(BOUNCE_CLASS_CODES) },
      bucket: { ...integer },
      recipientHash: { name: 'recipient_hash', ...integer, nullable: true },
      messageHash: { name: 'message_hash', ...integer, nullable: true },
      recipient: { ...exact, length: EVENT_LENGTHS.recipient, nullable: true },
      messageId: { name: 'message_id', ...key, length: EVENT_LENGTHS.id, nullable: true },
    },
    indices: [
      { name: 'uq_email_events_digest', columns: ['digest'], unique: true },
      { name: 'ix_email_events_kind', columns: ['connection', 'kind', 'id'] },
      { name: 'ix_email_events_recipient', columns: ['bucket', 'recipientHash'] },
      { name: 'ix_email_events_message', columns: ['bucket', 'messageHash'] },
    ],
  });
}

/** The time that a digest begins with, in milliseconds; 0 if it has none. */
export function digestTime(digest: string): number {
  return Number.parseInt(digest.slice(0, 8), 16) * 1_000;
}

/** The hash by which an address or an id of one connection is found. The text itself is compared as well. */
export function lookupHash(connection: number, text: string): number {
  return crc32(`${String(connection)} ${text}`) | 0;
}

/** An event with its id. */
export interface PlacedEvent {
  readonly id: number;
  readonly event: NewEvent;
}

export interface EventFilter {
  /** The number of the connection. */
  readonly connection: number;
  /** All kinds by default. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** In its stored form. */
  readonly recipient?: string | undefined;
  /** In its stored form. */
  readonly messageId?: string | undefined;
}

/** A list of events, or a part of it. */
export interface EventScan extends EventFilter {
  readonly ids: IdRange;
  readonly order: Order;
  /** How many events are needed; more are read if they are skipped. */
  readonly limit: number;
  readonly budget: ScanBudget;
  /** Reads the recipients, too, which are not in the index. */
  readonly withRecipients: boolean;
}

/** What a scan reads of an event. */
export interface ScannedEvent extends ScannedRow {
  /** Undefined if it was not asked for. */
  readonly recipient?: string | null;
}

/** The events of one message, of all its recipients or of one. */
export type MessageFilter = Pick<EventFilter, 'connection' | 'recipient'> & {
  /** In its stored form. */
  readonly messageId: string;
  readonly limit: number;
};

type Index = 'ix_email_events_kind' | 'ix_email_events_recipient' | 'ix_email_events_message';

const ROWS_PER_STATEMENT = 500;
/** What a row needs in a statement beside its texts. */
const ROW_BYTES = 200;
const IDS_PER_STATEMENT = 1_000;
/** How many hashes, and how many buckets, one statement looks for: their product is a number of probes. */
const HASHES_PER_STATEMENT = 100;
const BUCKETS_PER_STATEMENT = 200;
/** In how many of the latest buckets the message of an event is searched, about 67 million events. */
const SENT_BUCKETS = 64;
const DELETED_PER_STEP = 1_000;

const HEAD =
  'INSERT INTO email_events (id, connection, digest, kind, attribution, occurred_at, machine, bounce_class, bucket, ' +
  'recipient_hash, message_hash, recipient, message_id) VALUES ';
// Neither clause is INSERT IGNORE, which would take a value too long or missing for a known event as well.
const KEEP_KNOWN: Readonly<Record<Dialect, string>> = {
  mysql: ' ON DUPLICATE KEY UPDATE id = id',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
};

/** The table `email_events`. Reading statements name their index: the databases would choose another for few rows. */
@Injectable()
export class EventsRepository {
  /**
   * Stores those whose digest is not known yet.
   * @returns false if some may have been known; `storedAmong` returns those that were stored
   */
  async insertNew(
    tx: Transaction,
    events: readonly PlacedEvent[],
    bucket: number,
    limits: StatementLimits,
  ): Promise<boolean> {
    let areAllNew = true;
    for (const { sql, values } of insertsOf(
      events,
      bucket,
      limits,
      KEEP_KNOWN[dialectOf(tx.connection.options.type)],
    )) {
      areAllNew = isWithoutDuplicates(await tx.query<unknown>(sql, [...values])) && areAllNew;
      // Lets the event loop turn: on SQLite, nothing else would.
      await turn();
    }
    return areAllNew;
  }

  /** Statements that insert events, and fail if one of them is known. */
  inserts(events: readonly PlacedEvent[], bucket: number, limits: StatementLimits): Iterable<Statement> {
    return insertsOf(events, bucket, limits, '');
  }

  /** The lowest id; undefined if there are no events. */
  async firstId(tx: Transaction): Promise<number | undefined> {
    const [row] = await tx.find(EventRow, { select: { id: true }, order: { id: 'ASC' }, take: 1 });
    return row?.id;
  }

  /** The bucket of an event that is stored under an earlier id: that of its neighbor, since the ids of a bucket are successive. */
  async bucketAt(tx: Transaction, id: number): Promise<number> {
    const [row] = await tx.find(EventRow, {
      select: { id: true, bucket: true },
      where: { id: LessThanOrEqual(id) },
      order: { id: 'DESC' },
      take: 1,
    });
    return row?.bucket ?? 0;
  }

  /** The ids in these ranges that are stored. */
  async storedAmong(tx: Transaction, ranges: readonly IdRange[]): Promise<readonly number[]> {
    if (ranges.length === 0) return [];
    const where = ranges.map(({ first, last }) => `id BETWEEN ${String(first)} AND ${String(last)}`).join(' OR ');
    return idsOf(await tx.query(`SELECT id FROM email_events WHERE ${where}`));
  }

  /** Of these message ids, in their stored form, those that were lately sent through the connection. */
  async findSent(tx: Transaction, connection: number, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    const newest = await newestBucket(tx);
    const buckets = range(Math.max(0, newest - SENT_BUCKETS + 1), newest);
    for (let start = 0; start < messageIds.length; start += HASHES_PER_STATEMENT) {
      const ids = messageIds.slice(start, start + HASHES_PER_STATEMENT);
      const hashes = [...new Set(ids.map((id) => lookupHash(connection, id)))];
      const conditions: readonly Condition[] = [
        anyOf('bucket', buckets),
        anyOf('message_hash', hashes),
        ['connection = ?', connection],
        ['kind = ?', KIND_CODES.sent],
        ['attribution = ?', ATTRIBUTIONS.own],
        anyOf('message_id', ids),
      ];
      const selection = from('DISTINCT message_id AS messageId', 'ix_email_events_message', conditions);
      const rows = (await select(tx, selection)) as { messageId: string }[];
      for (const { messageId } of rows) sent.add(messageId);
    }
    return sent;
  }

  /**
   * The events of a filter in the order of their ids, in portions, as far as the budget reaches. Events of a recipient or a
   * message are found by its hash, all others by their kind.
   */
  scan(tx: Transaction, scan: EventScan): AsyncGenerator<readonly ScannedEvent[], undefined> {
    const { recipient, messageId } = scan;
    return recipient === undefined && messageId === undefined ? this.scanKinds(tx, scan) : this.scanHashes(tx, scan);
  }

  /** The events with these ids, in this order. */
  async findAll(tx: Transaction, ids: readonly number[]): Promise<EventRow[]> {
    const rows = new Map<number, EventRow>();
    for (let start = 0; start < ids.length; start += IDS_PER_STATEMENT) {
      const some = In(ids.slice(start, start + IDS_PER_STATEMENT));
      for (const row of await tx.findBy(EventRow, { id: some })) rows.set(row.id, row);
    }
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  /** The events with ids in these ranges, in the order of their ids. */
  async inRanges(tx: Transaction, ranges: readonly IdRange[]): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let start = 0; start < ranges.length; start += RANGES_PER_STATEMENT) {
      const some = ranges.slice(start, start + RANGES_PER_STATEMENT);
      const where = some.map(({ first, last }) => `id BETWEEN ${String(first)} AND ${String(last)}`).join(' OR ');
      // TypeORM would take most of the time of a reader to build the rows.
      const rows = await tx.query<RawEvent[]>(`${SELECT_STORED} WHERE ${where} ORDER BY id`);
      events.push(...rows.map(storedEvent));
    }
    return events;
  }

  /** The events of one message, in the order in which they happened. */
  async ofMessage(tx: Transaction, filter: MessageFilter): Promise<EventRow[]> {
    const found: { id: number; occurredAt: number }[] = [];
    for (const buckets of bucketsBelow(await newestBucket(tx))) {
      const conditions = [anyOf('bucket', buckets), ...hashConditions(filter)];
      const rows = (await select(tx, {
        ...from('id, occurred_at AS occurredAt', 'ix_email_events_message', conditions),
        ending: `ORDER BY occurred_at, id LIMIT ${String(filter.limit)}`,
      })) as Record<'id' | 'occurredAt', number | string>[];
      found.push(...rows.map(({ id, occurredAt }) => ({ id: Number(id), occurredAt: Number(occurredAt) })));
    }
    const first = found.toSorted((a, b) => a.occurredAt - b.occurredAt || a.id - b.id).slice(0, filter.limit);
    return this.findAll(
      tx,
      first.map(({ id }) => id),
    );
  }

  async find(tx: Transaction, connection: number, id: number): Promise<EventRow | null> {
    return tx.findOneBy(EventRow, { connection, id });
  }

  /** Deletes some events of a connection. */
  async deleteSome(tx: Transaction, connection: number): Promise<DeletedRows> {
    const selection = from('id', 'ix_email_events_kind', [['connection = ?', connection]]);
    const ids = idsOf(await select(tx, { ...selection, ending: `LIMIT ${String(DELETED_PER_STEP)}` }));
    if (ids.length > 0) await tx.delete(EventRow, { id: In(ids) });
    return { deleted: ids.length, isLast: ids.length < DELETED_PER_STEP };
  }

  /** Deletes the next events of a connection and a kind, in a range of ids. */
  async deleteKind(
    tx: Transaction,
    connection: number,
    kind: EventKind,
    { after, before }: KeyRange<number>,
  ): Promise<DeletedRange<number>> {
    const selection = from('id', 'ix_email_events_kind', [
      ['connection = ?', connection],
      ['kind = ?', KIND_CODES[kind]],
      ['id > ?', after],
      ['id < ?', before],
    ]);
    const ids = idsOf(await select(tx, { ...selection, ending: orderedBy('asc', DELETED_PER_STEP) }));
    if (ids.length > 0) await tx.delete(EventRow, { id: In(ids) });
    return { deleted: ids.length, last: ids.length < DELETED_PER_STEP ? undefined : ids.at(-1) };
  }

  /** The ids of some events of a recipient, in its stored form, of all buckets. */
  async idsOfRecipient(tx: Transaction, connection: number, recipient: string, limit: number): Promise<number[]> {
    const ids: number[] = [];
    for (const buckets of bucketsBelow(await newestBucket(tx))) {
      const conditions = [anyOf('bucket', buckets), ...hashConditions({ connection, recipient })];
      const ending = `LIMIT ${String(limit)}`;
      ids.push(...idsOf(await select(tx, { ...from('id', 'ix_email_events_recipient', conditions), ending })));
      if (ids.length >= limit) break;
    }
    return ids;
  }

  /**
   * When a message to a recipient was last delivered, by the time of the event in milliseconds; of messages that were sent through one of these
   * connections, or may have been. Undefined if no delivery is known.
   */
  async lastDelivery(tx: Transaction, connections: readonly number[], recipient: string): Promise<number | undefined> {
    let last: number | undefined;
    const buckets = [...bucketsBelow(await newestBucket(tx))];
    for (let start = 0; start < connections.length; start += HASHES_PER_STATEMENT) {
      const some = connections.slice(start, start + HASHES_PER_STATEMENT);
      const hashes = some.map((connection) => lookupHash(connection, recipient));
      for (const group of buckets) {
        const selection = from('MAX(occurred_at) AS last', 'ix_email_events_recipient', [
          anyOf('bucket', group),
          anyOf('recipient_hash', hashes),
          anyOf('connection', some),
          ['recipient = ?', recipient],
          ['kind = ?', KIND_CODES.delivered],
          anyOf('attribution', [ATTRIBUTIONS.own, ATTRIBUTIONS.unmatched]),
        ]);
        const [row] = (await select(tx, selection)) as { last: number | string | null }[];
        const found = row?.last ?? null;
        if (found !== null) last = Math.max(last ?? 0, Number(found));
      }
    }
    return last;
  }

  /** Afterwards, no query finds these events by their recipient. */
  async clearRecipients(tx: Transaction, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await tx.update(EventRow, { id: In(ids) }, { recipient: null, recipientHash: null });
  }

  /** Deletes the next events of a range of ids. */
  async deleteRange(tx: Transaction, ids: KeyRange<number>): Promise<DeletedRange<number>> {
    return deleteRange(tx, EventRow, 'id', ids, DELETED_PER_STEP);
  }

  private scanKinds(
    tx: Transaction,
    { connection, kinds = EVENT_KINDS, ids, order, limit, budget, withRecipients }: EventScan,
  ): AsyncGenerator<readonly ScannedEvent[], undefined> {
    type Row = ScannedEvent & { readonly kind: number };
    const columns = withRecipients ? 'id, kind, recipient' : 'id, kind';
    // One part of the index for each kind: all kinds together are not in the order of their ids.
    const parts = [...new Set(kinds)].map((kind) => ({
      has: (row: Row) => row.kind === KIND_CODES[kind],
      conditions: [
        ['connection = ?', connection],
        ['kind = ?', KIND_CODES[kind]],
      ] as const,
    }));
    const read = async (steps: readonly Step<Row>[]): Promise<readonly Row[]> => {
      const selections = steps.map((step) => ({
        ...from(columns, 'ix_email_events_kind', [...step.part.conditions, idCondition(step.ids)]),
        ending: orderedBy(order, step.limit),
      }));
      return selectRows<Row>(tx, selections);
    };
    return scanInOrder({ parts, ids, order, limit, budget, read });
  }

  private async *scanHashes(tx: Transaction, scan: EventScan): AsyncGenerator<readonly ScannedEvent[], undefined> {
    const { messageId, kinds, order, limit, budget, withRecipients } = scan;
    const index = messageId === undefined ? 'ix_email_events_recipient' : 'ix_email_events_message';
    const columns = withRecipients ? 'id, recipient' : 'id';
    const groups = [...bucketsBelow(await newestBucket(tx))];
    // The ids of a bucket are above those of the one before.
    for (const buckets of order === 'asc' ? groups.toReversed() : groups) {
      const conditions = [anyOf('bucket', buckets), ...hashConditions(scan)];
      if (kinds !== undefined)
        conditions.push(
          anyOf(
            'kind',
            kinds.map((kind) => KIND_CODES[kind]),
          ),
        );
      const read = async (steps: readonly Step<ScannedEvent>[]): Promise<readonly ScannedEvent[]> => {
        const selections = steps.map((step) => ({
          ...from(columns, index, [...step.part.conditions, idCondition(step.ids)]),
          ending: orderedBy(order, step.limit),
        }));
        return selectRows<ScannedEvent>(tx, selections);
      };
      yield* scanInOrder({ parts: [{ has: () => true, conditions }], ids: scan.ids, order, limit, budget, read });
      if (budget.isExceeded) return;
    }
  }
}

function* insertsOf(
  events: readonly PlacedEvent[],
  bucket: number,
  { usual }: StatementLimits,
  ending: string,
): Generator<Statement, undefined> {
  let rows: string[] = [];
  let values: (string | null)[] = [];
  let bytes = 0;
  for (const { id, event } of events.toSorted((a, b) => a.id - b.id)) {
    const { recipient, messageId } = event;
    // Escaped, a text may be twice as long, and a character has up to four bytes.
    const size = ROW_BYTES + 8 * (recipient?.length ?? 0) + 2 * (messageId?.length ?? 0);
    if (rows.length === ROWS_PER_STATEMENT || (rows.length > 0 && bytes + size > usual)) {
      yield { sql: HEAD + rows.join(', ') + ending, values, bytes };
      [rows, values, bytes] = [[], [], 0];
    }
    rows.push(rowOf(id, bucket, event));
    values.push(recipient, messageId);
    bytes += size;
  }
  if (rows.length > 0) yield { sql: HEAD + rows.join(', ') + ending, values, bytes };
}

function rowOf(id: number, bucket: number, event: NewEvent): string {
  const { connection, digest, kind, attribution, occurredAt, machine, bounceClass, recipientHash, messageHash } = event;
  // Numbers and bytes need no escaping; a parameter for each would double the time.
  return (
    `(${String(id)}, ${String(connection)}, x'${digest}', ${String(KIND_CODES[kind])}, ` +
    `${String(ATTRIBUTIONS[attribution])}, ${String(occurredAt.getTime())}, ${String(FLAG.to(machine))}, ` +
    `${bounceClass === null ? 'null' : String(BOUNCE_CLASS_CODES[bounceClass])}, ${String(bucket)}, ${String(recipientHash)}, ${String(messageHash)}, ?, ?)`
  );
}

const RANGES_PER_STATEMENT = 500;
const SELECT_STORED =
  'SELECT id, connection, kind, attribution, occurred_at AS occurredAt, machine, bounce_class AS bounceClass, recipient, ' +
  'message_id AS messageId FROM email_events';

/** As the drivers return a row: a bigint as text or as a number. */
type RawEvent = Readonly<
  Record<'id' | 'occurredAt', number | string> &
    Record<'connection' | 'kind' | 'attribution', number> &
    Record<'machine' | 'bounceClass', number | null> &
    Record<'recipient' | 'messageId', string | null>
>;

const NAMES = {
  kind: coded(KIND_CODES),
  attribution: coded(ATTRIBUTIONS),
  bounceClass: coded(BOUNCE_CLASS_CODES),
} as const;

function storedEvent(row: RawEvent): StoredEvent {
  return {
    id: Number(row.id),
    connection: row.connection,
    kind: NAMES.kind.from(row.kind) as EventKind,
    attribution: NAMES.attribution.from(row.attribution) as EventAttribution,
    occurredAt: new Date(Number(row.occurredAt)),
    machine: FLAG.from(row.machine) as boolean | null,
    bounceClass: NAMES.bounceClass.from(row.bounceClass) as BounceClass | null,
    recipient: row.recipient,
    messageId: row.messageId,
  };
}

async function newestBucket(tx: Transaction): Promise<number> {
  const counter = await tx.findOneBy(CounterRow, { name: 'event' });
  return bucketOf(counter?.value ?? 0);
}

/** All buckets in groups for one statement, the newest first. */
function* bucketsBelow(newest: number): Generator<readonly number[], undefined> {
  for (let last = newest; last >= 0; last -= BUCKETS_PER_STATEMENT) {
    yield range(Math.max(0, last - BUCKETS_PER_STATEMENT + 1), last);
  }
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function hashConditions({ connection, recipient, messageId }: EventFilter): Condition[] {
  const conditions: Condition[] = [['connection = ?', connection]];
  if (messageId !== undefined) {
    conditions.push(['message_hash = ?', lookupHash(connection, messageId)], ['message_id = ?', messageId]);
  }
  if (recipient !== undefined) {
    conditions.push(['recipient_hash = ?', lookupHash(connection, recipient)], ['recipient = ?', recipient]);
  }
  return conditions;
}

function from(columns: string, index: Index, conditions: readonly Condition[]): IndexedSelect {
  return { columns, table: 'email_events', index, conditions };
}

// The MySQL drivers return a bigint as text.
function idsOf(rows: unknown): number[] {
  return (rows as { id: number | string }[]).map(({ id }) => Number(id));
}

import type { Bounce, BounceClass, EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { And, EntitySchema, In, LessThan, LessThanOrEqual, MoreThan, MoreThanOrEqual } from 'typeorm';
import {
  type DeletedRange,
  deleteNext,
  type DeletedRows,
  deleteRange,
  keyAt,
  type KeyRange,
  nextStep,
} from '../database/delete-rows.ts';
import { columnKinds, type Dialect, dialectOf, FLAG, NUMBER } from '../database/dialect.ts';
import { anyOf, type Condition, type IndexedSelect, selectRows } from '../database/indexed-select.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { digestTime, type EventAttribution, type PlacedEvent } from './events.repository.ts';
import {
  type DatedRow,
  idCondition,
  type IdRange,
  type Order,
  orderedBy,
  type Part,
  type ScanBudget,
  scanInOrder,
  type Step,
} from './index-scan.ts';

/** An event that version 0.2 or an earlier one has stored. All its details are in its row. */
export class LegacyEventRow {
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

export function legacyEventSchema(dialect: Dialect): EntitySchema<LegacyEventRow> {
  const { digest, exact, integer, key, longText, serial, text, time } = columnKinds(dialect);
  return new EntitySchema<LegacyEventRow>({
    name: 'event',
    target: LegacyEventRow,
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
      recipient: { ...exact, length: 320, nullable: true },
      messageId: { name: 'message_id', ...key, length: 255, nullable: true },
      vendorEventId: { name: 'vendor_event_id', ...key, length: 255, nullable: true },
      bounce: { type: 'json', nullable: true },
      reply: { ...longText, nullable: true },
      url: { ...longText, nullable: true },
      userAgent: { name: 'user_agent', ...text, length: 1_000, nullable: true },
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

/** A webhook request that an earlier version has stored. */
export class LegacyRequestRow {
  id!: string;
  connectionId!: string;
  organization!: string;
  vendor!: string;
  receivedAt!: Date;
  contentType!: string | null;
  parameters!: Readonly<Record<string, string>> | null;
  /** Gzip. Null if it is not needed: the request contained only duplicates, or no event. */
  body!: Buffer | null;
  status!: string;
  accepted!: number;
  duplicates!: number;
  rejected!: number;
  rejections!: readonly unknown[] | null;
  reason!: string | null;
  rejectedDigest!: Buffer | null;
  occurrences!: number;
  lastReceivedAt!: Date | null;
}

export function legacyRequestSchema(dialect: Dialect): EntitySchema<LegacyRequestRow> {
  const { bytes, digest, integer, key, text, time } = columnKinds(dialect);
  return new EntitySchema<LegacyRequestRow>({
    name: 'webhook_request',
    target: LegacyRequestRow,
    tableName: 'webhook_requests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_requests' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      vendor: { ...key, length: 32 },
      receivedAt: { name: 'received_at', ...time },
      contentType: { name: 'content_type', ...text, length: 200, nullable: true },
      parameters: { type: 'json', nullable: true },
      body: { ...bytes, nullable: true },
      status: { ...key, length: 16 },
      accepted: { ...integer },
      duplicates: { ...integer },
      rejected: { ...integer },
      rejections: { type: 'json', nullable: true },
      reason: { ...text, length: 500, nullable: true },
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

/** A further part of a request's body that was too large for one statement. */
export class LegacyRequestBodyRow {
  requestId!: string;
  /** From 1. */
  part!: number;
  connectionId!: string;
  bytes!: Buffer;
}

export function legacyRequestBodySchema(dialect: Dialect): EntitySchema<LegacyRequestBodyRow> {
  const { bytes, integer, key } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_webhook_request_bodies' };
  return new EntitySchema<LegacyRequestBodyRow>({
    name: 'webhook_request_body',
    target: LegacyRequestBodyRow,
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

export interface LegacyFilter {
  readonly connectionId: string;
  /** The spellings of one address. */
  readonly recipients?: readonly string[] | undefined;
  readonly messageId?: string | undefined;
}

/** As `EventScan`. */
export interface LegacyScan extends LegacyFilter {
  readonly kinds?: readonly EventKind[] | undefined;
  readonly ids: IdRange;
  readonly order: Order;
  readonly limit: number;
  readonly budget: ScanBudget;
}

/** What a scan reads of an event. */
export interface ScannedLegacyEvent extends DatedRow {
  readonly kind: EventKind;
  readonly recipient: string | null;
}

/** The number of events of a kind in some hours. */
export interface LegacyCount {
  /** When the hours begin, in hours since 1970, UTC. */
  readonly start: number;
  readonly kind: EventKind;
  readonly machine: boolean | null;
  readonly bounceClass: BounceClass | null;
  readonly events: number;
}

type RawLegacyCount = Pick<LegacyCount, 'kind' | 'bounceClass'> &
  Record<'start' | 'events', number | string> & { readonly machine: number | string | boolean | null };

export type LegacyMessageFilter = LegacyFilter & { readonly limit: number };

type Index = 'ix_events_connection' | 'ix_events_kind' | 'ix_events_recipient' | 'ix_events_message';

const COUNTED_ATTRIBUTIONS: readonly EventAttribution[] = ['own', 'unmatched'];
const VALUES_PER_STATEMENT = 1_000;
const EVENTS_PER_STEP = 1_000;
const REQUESTS_PER_STEP = 100;
const BODY_PART_BYTES = 1024 * 1024;
const RECHECK_MS = 60_000;
/** How far the clock of a vendor may be ahead. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

/**
 * The tables of events that version 0.2 and earlier ones have written: `events`, `webhook_requests` and
 * `webhook_request_bodies`. They are read, and their rows are deleted, but nothing is added to them. Their ids are below those
 * of `email_events`.
 */
@Injectable()
export class LegacyEventsRepository {
  private hasRows = true;
  private checkedAt = Number.NEGATIVE_INFINITY;
  /** When the last of them was received, in milliseconds. */
  private lastReceivedAt = 0;

  /** Whether there are none (any longer), as far as was known a minute ago. */
  async isEmpty(tx: Transaction): Promise<boolean> {
    if (this.hasRows && performance.now() - this.checkedAt > RECHECK_MS) {
      const [last] = await tx.find(LegacyEventRow, { select: { receivedAt: true }, order: { id: 'DESC' }, take: 1 });
      this.hasRows = last !== undefined;
      this.lastReceivedAt = last?.receivedAt.getTime() ?? 0;
      this.checkedAt = performance.now();
    }
    return !this.hasRows;
  }

  /** Whether there are none, as far as is known without a query. */
  get isKnownEmpty(): boolean {
    return !this.hasRows;
  }

  /** Removes the events that an earlier version has stored. */
  async withoutKnown(tx: Transaction, events: readonly PlacedEvent[]): Promise<readonly PlacedEvent[]> {
    if (await this.isEmpty(tx)) return events;
    const latest = this.lastReceivedAt + MAX_AHEAD_MS;
    const digests = events
      .filter(({ event: { digest } }) => digestTime(digest) <= latest)
      .map(({ event }) => Buffer.from(event.legacyDigest, 'hex'));
    const known = new Set<string>();
    for (let start = 0; start < digests.length; start += VALUES_PER_STATEMENT) {
      const some = digests.slice(start, start + VALUES_PER_STATEMENT);
      const rows = await tx.find(LegacyEventRow, { select: { digest: true }, where: { digest: In(some) } });
      for (const { digest } of rows) known.add(digest.toString('hex'));
    }
    return known.size === 0 ? events : events.filter(({ event }) => !known.has(event.legacyDigest));
  }

  async findSent(tx: Transaction, connectionId: string, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    for (let start = 0; start < messageIds.length; start += VALUES_PER_STATEMENT) {
      const rows = await tx
        .createQueryBuilder(LegacyEventRow, 'e')
        .select('DISTINCT e.messageId', 'messageId')
        .where({ connectionId, kind: 'sent', attribution: 'own' })
        .andWhere({ messageId: In(messageIds.slice(start, start + VALUES_PER_STATEMENT)) })
        .getRawMany<{ messageId: string }>();
      for (const { messageId } of rows) sent.add(messageId);
    }
    return sent;
  }

  /** The events of a filter in the order of their ids, in portions, as far as the budget reaches. */
  scan(tx: Transaction, scan: LegacyScan): AsyncGenerator<readonly ScannedLegacyEvent[], undefined> {
    const { ids, order, limit, budget } = scan;
    const { index, parts } = partsOf(scan);
    const time = tx.connection.getMetadata(LegacyEventRow).findColumnWithPropertyName('receivedAt');
    const timeOf = (value: unknown): Date =>
      (time === undefined ? value : tx.connection.driver.prepareHydratedValue(value, time)) as Date;
    const read = async (steps: readonly Step<ScannedLegacyEvent>[]): Promise<readonly ScannedLegacyEvent[]> => {
      const selections = steps.map((step): IndexedSelect => ({
        columns: 'id, kind, recipient, received_at AS receivedAt',
        table: 'events',
        index,
        conditions: [...step.part.conditions, idCondition(step.ids)],
        ending: orderedBy(order, step.limit),
      }));
      const rows = await selectRows<ScannedLegacyEvent>(tx, selections);
      return rows.map((row) => ({ ...row, receivedAt: timeOf(row.receivedAt) }));
    };
    return scanInOrder({ parts, ids, order, limit, budget, read });
  }

  /** The events with these ids, in this order. */
  async findAll(tx: Transaction, ids: readonly number[]): Promise<LegacyEventRow[]> {
    const rows = new Map((await tx.findBy(LegacyEventRow, { id: In(ids) })).map((row) => [row.id, row]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  /** The highest id; 0 if there is none. */
  async lastId(tx: Transaction): Promise<number> {
    return (await tx.maximum(LegacyEventRow, 'id')) ?? 0;
  }

  /** The first event with this id or a later one, of any connection. */
  async firstFrom(tx: Transaction, id: number): Promise<DatedRow | undefined> {
    const select = { id: true, receivedAt: true } as const;
    const where = { id: MoreThanOrEqual(id) };
    return (await tx.find(LegacyEventRow, { select, where, order: { id: 'ASC' }, take: 1 }))[0];
  }

  /** The events of one message, in the order in which they happened. */
  async ofMessage(tx: Transaction, filter: LegacyMessageFilter): Promise<LegacyEventRow[]> {
    const { connectionId, messageId, recipients, limit } = filter;
    return tx.find(LegacyEventRow, {
      where: {
        connectionId,
        ...(messageId === undefined ? {} : { messageId }),
        ...(recipients === undefined ? {} : { recipient: In(recipients) }),
      },
      order: { occurredAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** How many events of some connections happened in a time, in buckets of so many hours. Foreign and test events do not count. */
  async countByTime(
    tx: Transaction,
    connectionIds: readonly string[],
    { hours, from, to }: { readonly hours: number; readonly from: Date; readonly to: Date },
  ): Promise<LegacyCount[]> {
    const isSqlite = dialectOf(tx.connection.options.type) === 'sqlite';
    const hour = isSqlite
      ? "CAST(strftime('%s', e.occurredAt) AS INTEGER) / 3600"
      : "TIMESTAMPDIFF(HOUR, '1970-01-01', e.occurredAt)";
    const bounceClass = isSqlite
      ? "json_extract(e.bounce, '$.class')"
      : "JSON_UNQUOTE(JSON_EXTRACT(e.bounce, '$.class'))";
    const rows = await tx
      .createQueryBuilder(LegacyEventRow, 'e')
      .select(`${hour} - ${hour} % ${String(hours)}`, 'start')
      .addSelect('e.kind', 'kind')
      .addSelect('e.machine', 'machine')
      .addSelect(bounceClass, 'bounceClass')
      .addSelect('COUNT(*)', 'events')
      .where({ connectionId: In([...connectionIds]), attribution: In(COUNTED_ATTRIBUTIONS) })
      .andWhere('e.occurredAt >= :from AND e.occurredAt < :to', { from, to })
      .groupBy('start')
      .addGroupBy('kind')
      .addGroupBy('machine')
      .addGroupBy('bounceClass')
      .getRawMany<RawLegacyCount>();
    return rows.map(({ start, machine, events, ...row }) => ({
      ...row,
      start: Number(start),
      machine: machine === null ? null : Number(machine) === 1,
      events: Number(events),
    }));
  }

  async find(tx: Transaction, connectionId: string, id: number): Promise<LegacyEventRow | null> {
    return tx.findOneBy(LegacyEventRow, { connectionId, id });
  }

  /** With its whole body. */
  async request(tx: Transaction, connectionId: string, id: string): Promise<LegacyRequestRow | null> {
    const row = await tx.findOneBy(LegacyRequestRow, { id, connectionId });
    if (row === null || row.body === null) return row;
    const parts = await tx.find(LegacyRequestBodyRow, { where: { requestId: id }, order: { part: 'ASC' } });
    row.body = Buffer.concat([row.body, ...parts.map(({ bytes }) => bytes)]);
    return row;
  }

  async deleteSomeEvents(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    return deleteNext(tx, LegacyEventRow, 'id', connectionId, EVENTS_PER_STEP);
  }

  /** Few at a time, because requests are large. */
  async deleteSomeRequests(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    const { where, lastKey } = await nextStep(tx, LegacyRequestRow, 'id', connectionId, REQUESTS_PER_STEP);
    const ofBodies = lastKey === undefined ? {} : { requestId: LessThanOrEqual(lastKey as string) };
    await tx.delete(LegacyRequestBodyRow, { connectionId, ...ofBodies });
    const { affected } = await tx.delete(LegacyRequestRow, where);
    return { deleted: affected ?? 0, isLast: lastKey === undefined };
  }

  /** The id from which on events were not received before this time. */
  async eventIdAt(tx: Transaction, time: Date): Promise<number> {
    return keyAt(tx, LegacyEventRow, ['id', 'receivedAt'], time);
  }

  /** Deletes the next events of a range of ids. */
  async deleteEvents(tx: Transaction, ids: KeyRange<number>): Promise<DeletedRange<number>> {
    return deleteRange(tx, LegacyEventRow, 'id', ids, EVENTS_PER_STEP);
  }

  /** Deletes the bodies of the next requests of a range of ids; with `rows`, the requests as well. */
  async deleteRequests(
    tx: Transaction,
    { after, before }: KeyRange<string>,
    what: 'bodies' | 'rows',
  ): Promise<DeletedRange<string>> {
    const requests = await tx.find(LegacyRequestRow, {
      select: { id: true },
      where: { id: And(MoreThan(after), LessThan(before)) },
      order: { id: 'ASC' },
      take: REQUESTS_PER_STEP,
    });
    const id = In(requests.map((request) => request.id));
    if (requests.length > 0) {
      await tx.delete(LegacyRequestBodyRow, { requestId: id });
      if (what === 'rows') await tx.delete(LegacyRequestRow, { id });
      else await tx.update(LegacyRequestRow, { id }, { body: null });
    }
    const last = requests.length < REQUESTS_PER_STEP ? undefined : requests.at(-1)?.id;
    return { deleted: requests.length, last };
  }

  /** @param body gzip */
  async replaceBody(tx: Transaction, { id, connectionId }: LegacyRequestRow, body: Buffer): Promise<void> {
    await tx.delete(LegacyRequestBodyRow, { requestId: id });
    await tx.update(LegacyRequestRow, { id }, { body: body.subarray(0, BODY_PART_BYTES) });
    for (let part = 1; part * BODY_PART_BYTES < body.length; part++) {
      const bytes = body.subarray(part * BODY_PART_BYTES, (part + 1) * BODY_PART_BYTES);
      await tx.insert(LegacyRequestBodyRow, { requestId: id, connectionId, part, bytes });
    }
  }

  /** Some events of a recipient, by the spellings of one address. */
  async ofRecipient(
    tx: Transaction,
    connectionId: string,
    recipients: readonly string[],
    limit: number,
  ): Promise<LegacyEventRow[]> {
    return tx.find(LegacyEventRow, { where: { connectionId, recipient: In(recipients) }, take: limit });
  }

  /** Afterwards, no query finds these events by their recipient. */
  async redactEvents(
    tx: Transaction,
    rows: readonly LegacyEventRow[],
    redact: (text: string) => string,
  ): Promise<void> {
    const json = <T>(value: T): T => JSON.parse(redact(JSON.stringify(value))) as T;
    for (const { id, bounce, reply, url, userAgent, tags, metadata } of rows) {
      const texts = { bounce, reply, url, userAgent, tags, metadata };
      await tx.update(LegacyEventRow, { id }, { recipient: null, ...json(texts) });
    }
  }
}

/** The index for a filter, and the parts of it in which rows are in the order of their ids. */
function partsOf({ connectionId, kinds, recipients, messageId }: LegacyScan): {
  readonly index: Index;
  readonly parts: readonly Part<ScannedLegacyEvent>[];
} {
  const ofConnection: Condition = ['connection_id = ?', connectionId];
  const ofKinds = kinds === undefined ? [] : [anyOf('kind', kinds)];
  if (messageId !== undefined) {
    const ofRecipients = recipients === undefined ? [] : [anyOf('recipient', recipients)];
    const conditions = [ofConnection, ['message_id = ?', messageId] as const, ...ofRecipients, ...ofKinds];
    return { index: 'ix_events_message', parts: [{ has: () => true, conditions }] };
  }
  if (recipients !== undefined) {
    const parts = recipients.map((recipient) => ({
      has: (row: ScannedLegacyEvent) => row.recipient === recipient,
      conditions: [ofConnection, ['recipient = ?', recipient] as const, ...ofKinds],
    }));
    return { index: 'ix_events_recipient', parts };
  }
  if (kinds !== undefined) {
    const parts = [...new Set(kinds)].map((kind) => ({
      has: (row: ScannedLegacyEvent) => row.kind === kind,
      conditions: [ofConnection, ['kind = ?', kind] as const],
    }));
    return { index: 'ix_events_kind', parts };
  }
  return { index: 'ix_events_connection', parts: [{ has: () => true, conditions: [ofConnection] }] };
}

import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  type BrotliOptions,
  constants,
} from 'node:zlib';
import type { WebhookRequest } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import {
  And,
  type DataSource,
  EntitySchema,
  In,
  IsNull,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  Not,
} from 'typeorm';
import { CounterRow } from '../database/counters.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import { type DeletedRange, type DeletedRows, deleteRange, keyAt, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect, NUMBER } from '../database/dialect.ts';
import { type Condition, selectRows } from '../database/indexed-select.ts';
import { InsertStatements, runStatements } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { byId, type DatedRow, idCondition, type IdRange, type Order, orderedBy } from './index-scan.ts';

/**
 * `accepted`, `rejected` and `unauthenticated` are webhook requests: a rejected one was authenticated, but its body could not
 * be read; of unauthenticated ones only samples are stored. `sent` are the events that the service itself created when it sent
 * messages.
 */
export type EventBatchStatus = 'accepted' | 'rejected' | 'unauthenticated' | 'sent';

/** An item of a batch that could not be stored as an event. */
export interface RejectedItem {
  readonly position: number;
  readonly reason: string;
}

export type StoredHeaders = WebhookRequest['headers'];

export const CONTENT_TYPE_LENGTH = 200;
export const REASON_LENGTH = 500;

/** Events that came together: an authenticated webhook request, or the events of messages that were sent. */
export class EventBatchRow {
  /** Higher for later batches, except for some that different instances store within a second. */
  id!: number;
  /** The number of its connection. */
  connection!: number;
  /** The number of its organization. */
  organization!: number;
  status!: EventBatchStatus;
  receivedAt!: Date;
  /** From the complete request to the start of storing it. */
  durationMs!: number;
  /** Of the body as it was received, in bytes. */
  size!: number;
  contentType!: string | null;
  /** The query parameters that the adapter reads in addition to the body. */
  parameters!: Readonly<Record<string, string>> | null;
  /** Of a sample of unauthenticated requests, so that it can be authenticated again; null if they may contain a secret. */
  headers!: StoredHeaders | null;
  accepted!: number;
  duplicates!: number;
  rejected!: number;
  /** The first of the rejected items. */
  rejections!: readonly RejectedItem[] | null;
  /** Why the delivery was rejected, or the verdict on an unauthenticated one. */
  reason!: string | null;
  /** For a delivery with rejected items, or a sample: identifies repetitions. Unique within a connection. */
  rejectedDigest!: Buffer | null;
  /** How often the delivery was received. */
  occurrences!: number;
  /** When the delivery was last repeated. */
  lastReceivedAt!: Date | null;
  /** The size of the compressed body when it was stored; 0 if it was not. */
  bodyBytes!: number;
}

export function eventBatchSchema(dialect: Dialect): EntitySchema<EventBatchRow> {
  const { digest, integer, key, long, text, time } = columnKinds(dialect);
  return new EntitySchema<EventBatchRow>({
    name: 'event_batch',
    target: EventBatchRow,
    tableName: 'event_batches',
    columns: {
      id: { ...long, primary: true, primaryKeyConstraintName: 'pk_event_batches', transformer: NUMBER },
      connection: { ...integer },
      organization: { ...integer },
      status: { ...key, length: 16 },
      receivedAt: { name: 'received_at', ...time },
      durationMs: { name: 'duration_ms', ...integer },
      size: { ...integer },
      contentType: { name: 'content_type', ...text, length: CONTENT_TYPE_LENGTH, nullable: true },
      parameters: { type: 'json', nullable: true },
      headers: { type: 'json', nullable: true },
      accepted: { ...integer },
      duplicates: { ...integer },
      rejected: { ...integer },
      rejections: { type: 'json', nullable: true },
      reason: { ...text, length: REASON_LENGTH, nullable: true },
      rejectedDigest: { name: 'rejected_digest', ...digest, nullable: true },
      occurrences: { ...integer, default: 1 },
      lastReceivedAt: { name: 'last_received_at', ...time, nullable: true },
      bodyBytes: { name: 'body_bytes', ...integer, default: 0 },
    },
    indices: [
      { name: 'ix_event_batches_status', columns: ['connection', 'status', 'id'] },
      { name: 'uq_event_batches_rejected', columns: ['connection', 'rejectedDigest'], unique: true },
    ],
  });
}

/**
 * A part of the compressed body of a batch: of a webhook request its own body, of sent events a list of events as JSON. It is
 * not stored for a batch without new events and rejected items.
 */
export class EventBodyRow {
  batch!: number;
  /** From 0. */
  part!: number;
  bytes!: Buffer;
}

export function eventBodySchema(dialect: Dialect): EntitySchema<EventBodyRow> {
  const { bytes, integer, long } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_event_bodies' };
  return new EntitySchema<EventBodyRow>({
    name: 'event_body',
    target: EventBodyRow,
    tableName: 'event_bodies',
    columns: {
      batch: { ...long, ...primary, transformer: NUMBER },
      part: { ...integer, ...primary },
      bytes: { ...bytes },
    },
  });
}

/** Of batches that can have events: unauthenticated requests have none, and only few samples of them are stored. */
export const STATUSES_WITH_EVENTS = ['accepted', 'rejected', 'sent'] as const satisfies readonly EventBatchStatus[];

/** Of webhook requests: the statuses by which they are listed. */
export type DeliveryStatus = Exclude<EventBatchStatus, 'sent'>;

export interface BatchFilter {
  /** The number of the connection. */
  readonly connection: number;
  readonly statuses: readonly DeliveryStatus[];
  /** Only batches older than this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface RejectedRange {
  /** The number of the connection. */
  readonly connection: number;
  readonly from: Date;
  readonly to: Date;
  readonly after: string | null;
  readonly limit: number;
}

/** A batch without what its body decides. */
export type NewBatch = Omit<EventBatchRow, 'bodyBytes'>;

/** A batch with its compressed body, which is null if it is not stored. */
export interface StoredBatch {
  readonly row: NewBatch;
  readonly body: Buffer | null;
}

type RejectedRow = Pick<EventBatchRow, 'id' | 'accepted' | 'duplicates' | 'rejected'>;

/** Nine parts fill a page of InnoDB, 16 KiB of which a sixteenth stays free. Larger parts leave larger gaps. */
const PART_BYTES = 1_600;
const DELETED_PER_STEP = 100;
/** Rows without their bodies are small. */
const ROWS_PER_STEP = 1_000;
/** About 2 MB. */
const PARTS_PER_STEP = 1_000;
const IDS_PER_STATEMENT = 1_000;

/** The tables `event_batches` and `event_bodies`. */
@Injectable()
export class EventBatchesRepository {
  private readonly batches = new InsertStatements<EventBatchRow>(EventBatchRow);
  private readonly bodies = new InsertStatements<EventBodyRow>(EventBodyRow);

  /** Statements that insert batches with their bodies. @throws StatementTooLargeError while they are composed */
  *inserts(
    dataSource: DataSource,
    batches: readonly StoredBatch[],
    limits: StatementLimits,
  ): Generator<Statement, undefined> {
    // In the order of their keys, so that rows are added at the end of the tables and pages become full.
    const sorted = batches.toSorted((a, b) => a.row.id - b.row.id);
    yield* this.batches.of(dataSource).of(
      sorted.map(({ row, body }) => ({ ...row, bodyBytes: body?.length ?? 0 })),
      limits,
    );
    yield* this.bodies.of(dataSource).of(partsOf(sorted), limits);
  }

  /** Without the body, which may be long. */
  async findRejected(tx: Transaction, connection: number, rejectedDigest: Buffer): Promise<RejectedRow | null> {
    return tx.findOne(EventBatchRow, {
      select: { id: true, accepted: true, duplicates: true, rejected: true },
      where: { connection, rejectedDigest },
    });
  }

  /** Counts that the same came again. */
  async countAgain(tx: Transaction, id: number, at: Date): Promise<void> {
    await tx.update(EventBatchRow, { id }, { occurrences: () => 'occurrences + 1', lastReceivedAt: at });
  }

  /**
   * Counts that a stored sample of unauthenticated requests came again.
   * @returns false if it is not stored
   */
  async repeatSample(
    tx: Transaction,
    connection: number,
    rejectedDigest: Buffer,
    { occurrences, ...changes }: Pick<EventBatchRow, 'occurrences' | 'reason' | 'headers' | 'lastReceivedAt'>,
  ): Promise<boolean> {
    const { affected } = await tx.update(
      EventBatchRow,
      { connection, rejectedDigest, status: 'unauthenticated' },
      // TypeORM's type of a JSON column's value has no readonly arrays.
      { ...(changes as object), occurrences: () => `occurrences + ${String(occurrences)}` },
    );
    return affected === 1;
  }

  /** The digests of the stored samples of unauthenticated requests, after deleting the oldest beyond a number. */
  async trimSamples(tx: Transaction, connection: number, kept: number): Promise<readonly Buffer[]> {
    const rows = await tx.find(EventBatchRow, {
      select: { id: true, rejectedDigest: true },
      where: { connection, status: 'unauthenticated' },
      order: { id: 'DESC' },
    });
    await deleteBatches(tx, rows.slice(kept));
    return rows.slice(0, kept).flatMap(({ rejectedDigest }) => rejectedDigest ?? []);
  }

  /** Locks a batch until the end of the transaction. @returns false if its status or counts have changed */
  async lock(tx: Transaction, { id, status, rejected, accepted }: EventBatchRow): Promise<boolean> {
    await tx.update(EventBatchRow, { id }, { occurrences: () => 'occurrences' });
    const row = await tx.findOneBy(EventBatchRow, { id });
    return row !== null && row.status === status && row.rejected === rejected && row.accepted === accepted;
  }

  async update(tx: Transaction, id: number, changes: Partial<EventBatchRow>): Promise<void> {
    await tx.update(EventBatchRow, { id }, changes);
  }

  /**
   * Of the deliveries with rejected items and the samples that were received in a time, the next ones, in the order of their digests.
   * @param after the digest of the last one, in hexadecimal
   */
  async nextRejected(
    tx: Transaction,
    { connection, from, to, after, limit }: RejectedRange,
  ): Promise<{ readonly id: number; readonly digest: string }[]> {
    const query = tx
      .createQueryBuilder(EventBatchRow, 'b')
      .select(['b.id', 'b.rejectedDigest'])
      .where('b.connection = :connection AND b.rejectedDigest > :digest', {
        connection,
        digest: Buffer.from(after ?? '', 'hex'),
      })
      .andWhere('b.receivedAt BETWEEN :from AND :to', { from, to })
      .orderBy('b.rejectedDigest')
      .limit(limit);
    const rows = await query.getMany();
    return rows.map(({ id, rejectedDigest }) => ({ id, digest: rejectedDigest?.toString('hex') ?? '' }));
  }

  /** @returns whether it had one */
  async dropBody(tx: Transaction, id: number): Promise<boolean> {
    const { affected } = await tx.delete(EventBodyRow, { batch: id });
    return (affected ?? 0) > 0;
  }

  /** Of a batch that is stored and has none. */
  async insertBody(tx: Transaction, id: number, body: Buffer, limits: StatementLimits): Promise<void> {
    await runStatements(tx, this.bodies.of(tx.connection).of(partsOf([{ row: { id }, body }]), limits), limits);
  }

  /**
   * Changes the texts of a batch that may quote its body. Changed headers would be of no use, so they are removed.
   * @returns whether any have changed
   */
  async redact(tx: Transaction, row: EventBatchRow, redact: (text: string) => string): Promise<boolean> {
    const { id, reason, rejections, parameters, headers } = row;
    const entries = parameters && Object.entries(parameters).map(([name, text]) => [name, redact(text)] as const);
    const values = {
      reason: reason === null ? null : redact(reason),
      rejections: rejections?.map((item) => ({ ...item, reason: redact(item.reason) })) ?? null,
      parameters: entries && Object.fromEntries(entries),
      headers: redact(JSON.stringify(headers)) === JSON.stringify(headers) ? headers : null,
    };
    if (JSON.stringify(values) === JSON.stringify({ reason, rejections, parameters, headers })) return false;
    await tx.update(EventBatchRow, { id }, values);
    return true;
  }

  /** The next deliveries of a connection that have items without an event, by their ids. */
  async idsWithRejected(tx: Transaction, connection: number, after: number, limit: number): Promise<number[]> {
    const select = { id: true } as const;
    const take = { order: { id: 'ASC' }, take: limit } as const;
    const id = MoreThan(after);
    const rows = await tx.find(EventBatchRow, {
      select,
      where: [
        { connection, id, rejectedDigest: Not(IsNull()) },
        { connection, id, status: In(['rejected', 'unauthenticated']) },
      ],
      ...take,
    });
    return rows.map((row) => row.id);
  }

  async find(tx: Transaction, ids: readonly number[]): Promise<EventBatchRow[]> {
    return tx.findBy(EventBatchRow, { id: In(ids) });
  }

  /** Newest first, by one bounded range of the index for each status. */
  async list(tx: Transaction, { connection, statuses, before, limit }: BatchFilter): Promise<EventBatchRow[]> {
    const ranges = statuses.map((status) => ({
      columns: 'id',
      table: 'event_batches',
      index: 'ix_event_batches_status',
      conditions: [
        ['connection = ?', connection],
        ['status = ?', status],
        ...(before === undefined ? [] : [['id < ?', before] as const]),
      ] as const,
      ending: orderedBy('desc', limit),
    }));
    const found = (await selectRows<Pick<EventBatchRow, 'id'>>(tx, ranges)).toSorted(byId('desc')).slice(0, limit);
    if (found.length === 0) return [];
    return (
      await this.find(
        tx,
        found.map(({ id }) => id),
      )
    ).toSorted(byId('desc'));
  }

  /** Of these batches, those whose body is stored. */
  async withBody(tx: Transaction, ids: readonly number[]): Promise<ReadonlySet<number>> {
    const parts = await tx.find(EventBodyRow, { select: { batch: true }, where: { batch: In(ids), part: 0 } });
    return new Set(parts.map(({ batch }) => batch));
  }

  /** A batch of a connection. */
  async findOne(tx: Transaction, connection: number, id: number): Promise<EventBatchRow | null> {
    return tx.findOneBy(EventBatchRow, { id, connection });
  }

  /** The last batch of a connection up to this id. */
  async findLast(tx: Transaction, connection: number, id: number): Promise<EventBatchRow | null> {
    return tx
      .createQueryBuilder(EventBatchRow, 'b')
      .where('b.id <= :id AND b.connection = :connection', { id, connection })
      .orderBy('b.id', 'DESC')
      .limit(1)
      .getOne();
  }

  /** When these batches of a connection were received; for a number without a batch, the last batch before it. */
  async receivedTimes(
    tx: Transaction,
    connection: number,
    numbers: readonly number[],
  ): Promise<ReadonlyMap<number, Date>> {
    const times = new Map<number, Date>();
    const select = { id: true, receivedAt: true } as const;
    for (let start = 0; start < numbers.length; start += IDS_PER_STATEMENT) {
      const where = { id: In(numbers.slice(start, start + IDS_PER_STATEMENT)) };
      for (const { id, receivedAt } of await tx.find(EventBatchRow, { select, where })) times.set(id, receivedAt);
    }
    for (const number of numbers) {
      if (times.has(number)) continue;
      const batch = await this.findLast(tx, connection, number);
      if (batch !== null) times.set(number, batch.receivedAt);
    }
    return times;
  }

  /** The first batch of a connection, or the last one, in a range of ids that was received from a time on and before another. */
  async edge(
    tx: Transaction,
    connection: number,
    ids: IdRange,
    { from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined },
    order: Order,
  ): Promise<number | undefined> {
    const times: Condition[] = [];
    if (from !== undefined) times.push(['received_at >= ?', storedTime(from)]);
    if (to !== undefined) times.push(['received_at < ?', storedTime(to)]);
    const selections = STATUSES_WITH_EVENTS.map((status) => ({
      columns: 'id',
      table: 'event_batches',
      index: 'ix_event_batches_status',
      conditions: [['connection = ?', connection], ['status = ?', status], idCondition(ids), ...times] as const,
      ending: orderedBy(order, 1),
    }));
    return (await selectRows(tx, selections)).toSorted(byId(order))[0]?.id;
  }

  /** The first batch with this id or a later one, of any connection. */
  async firstFrom(tx: Transaction, id: number): Promise<DatedRow | undefined> {
    const select = { id: true, receivedAt: true } as const;
    const where = { id: MoreThanOrEqual(id) };
    return (await tx.find(EventBatchRow, { select, where, order: { id: 'ASC' }, take: 1 }))[0];
  }

  /** The last id of a batch that was taken. */
  async lastTaken(tx: Transaction): Promise<number> {
    return (await tx.findOneBy(CounterRow, { name: 'batch' }))?.value ?? 0;
  }

  /** The compressed body; null if it is not stored. */
  async body(tx: Transaction, batch: number): Promise<Buffer | null> {
    return (await this.storedBodies(tx, [batch])).get(batch) ?? null;
  }

  /** Those that are still stored, compressed, by batch. */
  async storedBodies(tx: Transaction, batches: readonly number[]): Promise<ReadonlyMap<number, Buffer>> {
    const found = await tx.find(EventBodyRow, { where: { batch: In(batches) }, order: { batch: 'ASC', part: 'ASC' } });
    const bodies = new Map<number, Buffer>();
    for (const { batch, bytes } of found) {
      const before = bodies.get(batch);
      bodies.set(batch, before === undefined ? bytes : Buffer.concat([before, bytes]));
    }
    return bodies;
  }

  /** Deletes some batches of a connection, with their bodies; few at a time, because bodies are large. */
  async deleteSome(tx: Transaction, connection: number): Promise<DeletedRows> {
    const rows = await tx.find(EventBatchRow, { select: { id: true }, where: { connection }, take: DELETED_PER_STEP });
    await deleteBatches(tx, rows);
    return { deleted: rows.length, isLast: rows.length < DELETED_PER_STEP };
  }

  /** The id from which on batches were not received before this time. */
  async idAt(tx: Transaction, time: Date): Promise<number> {
    return keyAt(tx, EventBatchRow, ['id', 'receivedAt'], time);
  }

  /** Deletes the next batches of a range of ids; their bodies must be deleted. */
  async deleteRange(tx: Transaction, ids: KeyRange<number>): Promise<DeletedRange<number>> {
    return deleteRange(tx, EventBatchRow, 'id', ids, ROWS_PER_STEP);
  }

  /** Deletes the next bodies of a range of batches, each as a whole, since a part alone cannot be read. */
  async deleteBodies(tx: Transaction, { after, before }: KeyRange<number>): Promise<DeletedRange<number>> {
    const batch = And(MoreThan(after), LessThan(before));
    const select = { batch: true, part: true } as const;
    const order = { batch: 'ASC', part: 'ASC' } as const;
    const parts = await tx.find(EventBodyRow, { select, where: { batch }, order, take: PARTS_PER_STEP });
    const last = parts.at(-1)?.batch;
    if (last === undefined) return { deleted: 0, last: undefined };
    const isLast = parts.length < PARTS_PER_STEP;
    // The last of them may have more parts, unless it is the only one.
    const end = isLast ? last : (parts.findLast((part) => part.batch < last)?.batch ?? last);
    const { affected } = await tx.delete(EventBodyRow, { batch: And(MoreThan(after), LessThanOrEqual(end)) });
    return { deleted: affected ?? 0, last: isLast ? undefined : end };
  }

  /** Deletes the bodies of the next batches of a connection, in a range of ids. */
  async deleteBodiesOf(
    tx: Transaction,
    connection: number,
    status: EventBatchStatus,
    ids: KeyRange<number>,
  ): Promise<DeletedRange<number>> {
    const found = await batchesIn(tx, connection, status, ids, 'id, body_bytes AS bodyBytes', ROWS_PER_STEP);
    let parts = 0;
    const end = found.findIndex(({ bodyBytes }) => (parts += Math.ceil(bodyBytes / PART_BYTES)) > PARTS_PER_STEP);
    // At least one, which may have more parts.
    const some = end === -1 ? found : found.slice(0, Math.max(end, 1));
    const batch = In(some.filter(({ bodyBytes }) => bodyBytes > 0).map(({ id }) => id));
    const { affected } = await tx.delete(EventBodyRow, { batch });
    const isLast = end === -1 && found.length < ROWS_PER_STEP;
    return { deleted: affected ?? 0, last: isLast ? undefined : some.at(-1)?.id };
  }

  /** Deletes the next batches of a connection, in a range of ids; their bodies and events must be deleted. */
  async deleteOf(
    tx: Transaction,
    connection: number,
    status: EventBatchStatus,
    ids: KeyRange<number>,
  ): Promise<DeletedRange<number>> {
    const found = (await batchesIn(tx, connection, status, ids, 'id', ROWS_PER_STEP)).map(({ id }) => id);
    if (found.length > 0) await tx.delete(EventBatchRow, { id: In(found) });
    return { deleted: found.length, last: found.length < ROWS_PER_STEP ? undefined : found.at(-1) };
  }
}

/** The next batches of a connection, in the order of their ids. */
async function batchesIn(
  tx: Transaction,
  connection: number,
  status: EventBatchStatus,
  { after, before }: KeyRange<number>,
  columns: string,
  limit: number,
): Promise<readonly Pick<EventBatchRow, 'id' | 'bodyBytes'>[]> {
  const selection = {
    columns,
    table: 'event_batches',
    index: 'ix_event_batches_status',
    conditions: [
      ['connection = ?', connection],
      ['status = ?', status],
      ['id > ?', after],
      ['id < ?', before],
    ],
    ending: orderedBy('asc', limit),
  } as const;
  return selectRows<Pick<EventBatchRow, 'id' | 'bodyBytes'>>(tx, [selection]);
}

/** With their bodies. */
async function deleteBatches(tx: Transaction, batches: readonly Pick<EventBatchRow, 'id'>[]): Promise<void> {
  if (batches.length === 0) return;
  const ids = In(batches.map(({ id }) => id));
  await tx.delete(EventBodyRow, { batch: ids });
  await tx.delete(EventBatchRow, { id: ids });
}

function* partsOf(
  batches: readonly { readonly row: Pick<EventBatchRow, 'id'>; readonly body: Buffer | null }[],
): Generator<EventBodyRow, undefined> {
  for (const { row, body } of batches) {
    for (let start = 0; start < (body?.length ?? 0); start += PART_BYTES) {
      const bytes = body?.subarray(start, start + PART_BYTES);
      yield Object.assign(new EventBodyRow(), { batch: row.id, part: start / PART_BYTES, bytes });
    }
  }
}

/** As both databases store a time of a batch. */
function storedTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

const compressLater: (bytes: Uint8Array, options: BrotliOptions) => Promise<Buffer> = promisify(brotliCompress);
const decompressLater: (bytes: Uint8Array) => Promise<Buffer> = promisify(brotliDecompress);

/** Half the time of gzip's lowest level for less space. Higher levels take twice the time for a hundredth less. */
const COMPRESSION = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } } as const;
/** The compressed form of a body of this size fits into as much. By default, 16 KiB would be allocated. */
const SMALL_CHUNK = 1_024;
/** Up to here, compressing takes the event loop less time than handing the work to another thread. */
const SMALL_BODY = 8 * 1024;

/** Brotli (RFC 7932). */
export async function compress(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length > SMALL_BODY) return compressLater(bytes, COMPRESSION);
  const isSmall = bytes.length <= SMALL_CHUNK;
  return brotliCompressSync(bytes, isSmall ? { ...COMPRESSION, chunkSize: SMALL_CHUNK } : COMPRESSION);
}

export async function decompress(bytes: Uint8Array): Promise<Buffer> {
  return bytes.length > SMALL_CHUNK ? decompressLater(bytes) : brotliDecompressSync(bytes);
}

/** The request as far as it is stored, which is all that is parsed: now, and again for the details of its events. */
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

import { isIP } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type {
  Bounce,
  EmailEvent,
  EventKind,
  ParsedEvent,
  WebhookReceiver,
  WebhookRequest,
} from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { decompress, type EventBatchRow, EventBatchesRepository, storedRequest } from './event-batches.repository.ts';
import { cutText, storedId } from './event-record.ts';
import { batchOf, type EventAttribution, eventId, type StoredEvent } from './events.repository.ts';
import type { LegacyEventRow } from './legacy-events.repository.ts';

/** An event as the API returns it. */
export interface ConnectionEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly recipient: string | null;
  readonly messageId: string | null;
  readonly vendorEventId: string | null;
  readonly bounce: Bounce | null;
  /** What the receiving server or the vendor replied; null if the vendor did not report it. */
  readonly reply: string | null;
  readonly url: string | null;
  readonly userAgent: string | null;
  readonly ip: string | null;
  readonly machine: boolean | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly attribution: EventAttribution;
}

export interface ConnectionEventDetails extends ConnectionEvent {
  /** The vendor's item as it was received; null if the request is no longer stored. */
  readonly raw: unknown;
}

/** Of the batches that are in memory at the same time, unless one is larger: parsing them holds up other work. */
const STEP = { bytes: 1024 * 1024, batches: 200 } as const;

const LENGTHS = { reply: 4_000, url: 8_000, userAgent: 1_000, ip: 45 } as const;
const MAX_JSON_TEXT = 4_000;
const MAX_JSON_ENTRIES = 200;
/** Of all entries of one event together. */
const MAX_JSON_CHARACTERS = 64 * 1024;

/** Reads the details of events from the bodies of their batches. */
@Injectable()
export class EventDetails {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: EventBatchesRepository,
  ) {}

  /** In the order of the rows. Details of a body that is no longer stored are null. */
  async complete(vendor: string, turnKey: string, rows: readonly StoredEvent[]): Promise<ConnectionEventDetails[]> {
    if (rows.length === 0) return [];
    const receiver = this.registry.find(vendor)?.adapter.webhooks;
    const options = { lane: 'query', turn: turnKey } as const;
    const sources = await this.unitOfWork.read((tx) => this.sources(tx, rows), options);
    const events = new Map<number, ConnectionEventDetails>();
    for (const step of stepsOf(sources)) {
      const numbers = step.map(({ batch }) => batch.id);
      const bodies = await this.unitOfWork.read((tx) => this.batches.storedBodies(tx, numbers), options);
      for (const { batch, rows: own } of step) {
        const items = await itemsOf(batch, bodies.get(batch.id), receiver);
        const first = eventId(batch.id, 0);
        for (const row of own) events.set(row.id, toEvent(row, batch, items[row.id - first]));
      }
      await turn();
    }
    return rows.map((row) => events.get(row.id) ?? toEvent(row, undefined, undefined));
  }

  /** The batches of these events. */
  private async sources(tx: Transaction, rows: readonly StoredEvent[]): Promise<readonly Source[]> {
    const found = await this.batches.find(tx, [...new Set(rows.map(({ id }) => batchOf(id)))]);
    const batches = new Map(found.map((batch) => [batch.id, batch]));
    const sources = new Map<number, { batch: EventBatchRow; rows: StoredEvent[] }>();
    for (const row of rows) {
      const number = batchOf(row.id);
      // The items beyond the first 65,536 of a batch have the numbers of batches that do not exist.
      const batch = batches.get(number) ?? (await this.batches.findLast(tx, row.connection, number));
      if (batch === null) continue;
      const source = sources.get(batch.id) ?? { batch, rows: [] };
      sources.set(batch.id, source);
      source.rows.push(row);
    }
    return [...sources.values()];
  }
}

/** A batch, and those of its events that are asked for. */
interface Source {
  readonly batch: EventBatchRow;
  readonly rows: readonly StoredEvent[];
}

function stepsOf(sources: readonly Source[]): readonly (readonly Source[])[] {
  const steps: Source[][] = [];
  let left = { bytes: 0, batches: 0 };
  for (const source of sources) {
    if (left.batches === 0 || left.bytes < source.batch.size) {
      steps.push([]);
      left = { ...STEP };
    }
    steps.at(-1)?.push(source);
    left = { bytes: left.bytes - source.batch.size, batches: left.batches - 1 };
  }
  return steps;
}

/** The items of a body; none if the adapter, perhaps a newer version, cannot read it. */
async function itemsOf(
  batch: EventBatchRow,
  body: Buffer | undefined,
  receiver: WebhookReceiver | undefined,
): Promise<readonly ParsedEvent[]> {
  if (body === undefined) return [];
  const bytes = await decompress(body);
  if (batch.status === 'sent') return sentItems(bytes);
  return receiver === undefined ? [] : parsedItems(receiver, storedRequest(batch.contentType, batch.parameters, bytes));
}

/** See `EventWriter`: the events of sent messages are stored as JSON. */
function sentItems(bytes: Buffer): readonly ParsedEvent[] {
  const events = JSON.parse(bytes.toString()) as (Omit<EmailEvent, 'occurredAt'> & { occurredAt: string })[];
  return events.map((event) => ({
    ok: true,
    event: { ...event, occurredAt: new Date(event.occurredAt) },
    deduplicationKey: [],
  }));
}

export function parsedItems(receiver: WebhookReceiver, request: WebhookRequest): readonly ParsedEvent[] {
  try {
    return receiver.parse(request);
  } catch (error) {
    // By name: an adapter with its own copy of the kit has another class.
    if (error instanceof Error && error.name === 'MalformedWebhookError') return [];
    throw error;
  }
}

function toEvent(
  row: StoredEvent,
  batch: EventBatchRow | undefined,
  item: ParsedEvent | undefined,
): ConnectionEventDetails {
  const event: Partial<EmailEvent> = item?.ok === true ? item.event : {};
  const { vendorEventId, bounce, reply, url, userAgent, ip, tags, metadata } = event;
  return {
    id: String(row.id),
    kind: row.kind,
    occurredAt: row.occurredAt,
    receivedAt: batch?.receivedAt ?? row.occurredAt,
    recipient: row.recipient,
    messageId: row.messageId,
    vendorEventId: vendorEventId === undefined ? null : storedId(vendorEventId),
    bounce: bounce === undefined ? null : shownBounce(bounce),
    reply: cut(reply ?? bounce?.reason, LENGTHS.reply),
    url: cut(url, LENGTHS.url),
    userAgent: cut(userAgent, LENGTHS.userAgent),
    ip: ip !== undefined && isIP(ip) !== 0 && ip.length <= LENGTHS.ip ? ip : null,
    machine: row.machine,
    tags: tags === undefined ? [] : shownTags(tags),
    metadata: metadata === undefined ? {} : shownMetadata(metadata),
    attribution: row.attribution,
    raw: (item?.ok === true ? item.event.raw : item?.raw) ?? null,
  };
}

/** An event of an earlier version. Its raw form is in the body of its request. */
export function legacyEvent(row: LegacyEventRow): ConnectionEvent {
  return {
    id: String(row.id),
    kind: row.kind,
    occurredAt: row.occurredAt,
    receivedAt: row.receivedAt,
    recipient: row.recipient,
    messageId: row.messageId,
    vendorEventId: row.vendorEventId,
    bounce: row.bounce,
    reply: row.reply ?? row.bounce?.reason ?? null,
    url: row.url,
    userAgent: row.userAgent,
    ip: row.ip,
    machine: row.machine,
    tags: row.tags ?? [],
    metadata: row.metadata ?? {},
    attribution: row.attribution,
  };
}

function cut(text: string | undefined, length: number): string | null {
  return text === undefined ? null : cutText(text, length);
}

function shownBounce(bounce: Bounce): Bounce {
  const entries = Object.entries(bounce).map(([name, value]: [string, unknown]) => {
    return [name, typeof value === 'string' ? jsonText(value) : value];
  });
  return Object.fromEntries(entries) as Bounce;
}

function shownTags(tags: readonly string[]): string[] {
  return withinLength(tags.slice(0, MAX_JSON_ENTRIES).map(jsonText), (tag) => tag.length);
}

function shownMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(metadata)
    .slice(0, MAX_JSON_ENTRIES)
    .map(([name, value]) => [jsonText(name), jsonText(value)] as const);
  return Object.fromEntries(withinLength(entries, ([name, value]) => name.length + value.length));
}

/** As many of the first entries as there is room for. */
function withinLength<T>(entries: readonly T[], lengthOf: (entry: T) => number): T[] {
  let left = MAX_JSON_CHARACTERS;
  return entries.filter((entry) => (left -= lengthOf(entry)) >= 0);
}

function jsonText(text: string): string {
  return cutText(text, MAX_JSON_TEXT);
}

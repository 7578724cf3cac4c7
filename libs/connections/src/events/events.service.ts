import {
  type Bounce,
  type EventKind,
  MalformedWebhookError,
  type WebhookReceiver,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { checkedNumber, invalidCursor, type Page, PAGE_LIMITS, STATS_DAYS } from '../input/paging.ts';
import { storedMessageId, storedSpellings } from './event-record.ts';
import { EVENT_LENGTHS, type EventAttribution, type EventRow, EventsRepository } from './events.repository.ts';
import { decompress, storedRequest, WebhookRequestsRepository } from './webhook-requests.repository.ts';

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

function toEvent(row: EventRow): ConnectionEvent {
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

/** The connection has no event with this id. */
export class EventNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Event not found. Check the ID.');
  }
}

/** There is no event of this message. */
export class MessageNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('No event of this message is stored. Check the message ID, and the recipient if you gave one.');
  }
}

/** What happened to one message. */
export interface MessageTimeline {
  readonly messageId: string;
  /** In the order in which they happened, up to 1,000. */
  readonly events: readonly ConnectionEvent[];
  /** Whether there are more. */
  readonly truncated: boolean;
}

export interface EventCounts {
  readonly from: Date;
  readonly to: Date;
  /** By kind. Kinds without events are absent. */
  readonly counts: Readonly<Partial<Record<EventKind, number>>>;
}

export interface EventQuery {
  readonly kind?: EventKind | undefined;
  /** A complete address. */
  readonly recipient?: string | undefined;
  /** The ID that sending the message returned. */
  readonly messageId?: string | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

const MAX_TIMELINE = 1_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The events of a connection, always within the caller's organization. */
@Injectable()
export class EventsService {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: EventsRepository,
    private readonly requests: WebhookRequestsRepository,
  ) {}

  /** Newest first. @throws ConnectionNotFoundError, InvalidQueryError */
  async list(caller: Caller, connectionId: string, query: EventQuery = {}): Promise<Page<ConnectionEvent>> {
    const { kind, recipient, messageId, cursor } = query;
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = cursor === undefined ? undefined : decodeEventCursor(cursor);
    const { id } = await this.loader.row(caller.organization, connectionId);
    const filter = {
      connectionId: id,
      kind,
      recipients: spellingsOf(recipient),
      messageId: messageId === undefined ? undefined : storedMessageId(messageId),
      before,
      limit: limit + 1,
    };
    const rows = await this.query(caller, (tx) => this.events.list(tx, filter));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map(toEvent),
      nextCursor: rows.length > limit && last !== undefined ? encodeEventCursor(last.id) : null,
    };
  }

  /**
   * What happened to one message.
   * @param recipient a complete address, to get only the events of this recipient
   * @throws ConnectionNotFoundError, MessageNotFoundError
   */
  async timeline(
    caller: Caller,
    connectionId: string,
    messageId: string,
    recipient?: string,
  ): Promise<MessageTimeline> {
    const { id } = await this.loader.row(caller.organization, connectionId);
    const filter = {
      connectionId: id,
      messageId: storedMessageId(messageId),
      recipients: spellingsOf(recipient),
      limit: MAX_TIMELINE + 1,
    };
    const rows = await this.query(caller, (tx) => this.events.ofMessage(tx, filter));
    if (rows.length === 0) throw new MessageNotFoundError();
    return { messageId, events: rows.slice(0, MAX_TIMELINE).map(toEvent), truncated: rows.length > MAX_TIMELINE };
  }

  /**
   * The number of events of each kind in the last days, with the attribution `own` or `unmatched`. Opens by machines are not
   * counted.
   * @param days 1 to 365; 30 by default
   * @throws ConnectionNotFoundError, InvalidQueryError
   */
  async counts(caller: Caller, connectionId: string, days?: number): Promise<EventCounts> {
    const length = checkedNumber('days', days, STATS_DAYS);
    const { id } = await this.loader.row(caller.organization, connectionId);
    const to = new Date();
    const from = new Date(to.getTime() - length * DAY_MS);
    const counts = await this.query(caller, (tx) => this.events.countByKind(tx, id, from));
    return { from, to, counts: Object.fromEntries(counts) };
  }

  /** Returns one event with its raw form. @throws ConnectionNotFoundError, EventNotFoundError */
  async get(caller: Caller, connectionId: string, eventId: string): Promise<ConnectionEventDetails> {
    const connection = await this.loader.row(caller.organization, connectionId);
    const id = parseEventId(eventId);
    if (id === undefined) throw new EventNotFoundError();
    const row = await this.unitOfWork.read((tx) => this.events.find(tx, connection.id, id));
    if (row === null) throw new EventNotFoundError();
    return { ...toEvent(row), raw: await this.rawForm(row, connection.vendor) };
  }

  /** Reads what may go through many rows. */
  private async query<T>({ organization }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.unitOfWork.read(work, { lane: 'query', turn: organization });
  }

  private async rawForm({ connectionId, requestId, position }: EventRow, vendor: string): Promise<unknown> {
    const receiver = this.registry.find(vendor)?.adapter.webhooks;
    const request = await this.unitOfWork.read((tx) => this.requests.find(tx, connectionId, requestId));
    if (receiver === undefined || request === null || request.body === null) return null;
    const { contentType, parameters, body } = request;
    return rawItem(receiver, storedRequest(contentType, parameters, await decompress(body)), position);
  }
}

function spellingsOf(recipient: string | undefined): readonly string[] | undefined {
  return recipient === undefined ? undefined : storedSpellings(recipient, EVENT_LENGTHS.recipient);
}

/** The item at this position; null if the adapter, perhaps a newer version, does not find it. */
function rawItem(receiver: WebhookReceiver, request: WebhookRequest, position: number): unknown {
  try {
    const item = receiver.parse(request)[position];
    return (item?.ok === true ? item.event.raw : item?.raw) ?? null;
  } catch (error) {
    if (error instanceof MalformedWebhookError) return null;
    throw error;
  }
}

const ID = /^[1-9]\d{0,14}$/;

function parseEventId(text: string): number | undefined {
  return ID.test(text) ? Number(text) : undefined;
}

function encodeEventCursor(id: number): string {
  return Buffer.from(`event:${String(id)}`).toString('base64url');
}

/** @throws InvalidQueryError */
export function decodeEventCursor(cursor: string): number {
  const [kind, text = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const id = kind === 'event' ? parseEventId(text) : undefined;
  if (id !== undefined) return id;
  throw invalidCursor();
}

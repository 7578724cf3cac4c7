import {
  type EventKind,
  MalformedWebhookError,
  type WebhookReceiver,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { checkedNumber, type Page, PAGE_LIMITS, STATS_DAYS } from '../connections/paging.ts';
import { EventsRepository } from '../persistence/events.repository.ts';
import { EVENT_LENGTHS, type EventRow } from '../persistence/schema/event-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { WebhookRequestsRepository } from '../persistence/webhook-requests.repository.ts';
import { decompress } from '../webhooks/compression.ts';
import { storedRequest } from '../webhooks/stored-request.ts';
import { type ConnectionEvent, type ConnectionEventDetails, toEvent } from './event.ts';
import { decodeEventCursor, encodeEventCursor, parseEventId } from './event-id.ts';
import { EventNotFoundError } from './event-not-found.error.ts';
import { storedSpellings } from './stored-text.ts';

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
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

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
    const { kind, recipient, cursor } = query;
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = cursor === undefined ? undefined : decodeEventCursor(cursor);
    const { id } = await this.loader.row(caller.organization, connectionId);
    const rows = await this.unitOfWork.read(
      (tx) =>
        this.events.list(tx, {
          connectionId: id,
          kind,
          recipients: recipient === undefined ? undefined : storedSpellings(recipient, EVENT_LENGTHS.recipient),
          before,
          limit: limit + 1,
        }),
      { lane: 'query', turn: caller.organization },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map(toEvent),
      nextCursor: rows.length > limit && last !== undefined ? encodeEventCursor(last.id) : null,
    };
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
    const counts = await this.unitOfWork.read((tx) => this.events.countByKind(tx, id, from), {
      lane: 'query',
      turn: caller.organization,
    });
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

  private async rawForm({ connectionId, requestId, position }: EventRow, vendor: string): Promise<unknown> {
    const receiver = this.registry.find(vendor)?.adapter.webhooks;
    const request = await this.unitOfWork.read((tx) => this.requests.find(tx, connectionId, requestId));
    if (receiver === undefined || request === null || request.body === null) return null;
    const { contentType, parameters, body } = request;
    return rawItem(receiver, storedRequest(contentType, parameters, await decompress(body)), position);
  }
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

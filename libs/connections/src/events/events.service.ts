import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { BounceClass } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import {
  checkedNumber,
  type Page,
  PAGE_LIMITS,
  decodeNumberCursor,
  encodeNumberCursor,
  parseNumberId,
} from '../input/paging.ts';
import { storedRequest } from './event-batches.repository.ts';
import {
  type ConnectionEvent,
  type ConnectionEventDetails,
  EventDetails,
  legacyEvent,
  parsedItems,
} from './event-details.ts';
import { legacySpellings, storedAddress, storedId } from './event-record.ts';
import { type EventQuery, EventSearch } from './event-search.ts';
import { EventsRepository } from './events.repository.ts';
import { type LegacyEventRow, LegacyEventsRepository } from './legacy-events.repository.ts';
import { type RecipientState, messageStates, type StateEvent } from './message-state.ts';

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
  /** The state of the message for each recipient, by these events. It does not depend on the order in which they were received. */
  readonly states: readonly RecipientState[];
}

const unzip: (bytes: Uint8Array) => Promise<Buffer> = promisify(gunzip);
const MAX_TIMELINE = 1_000;

/** The events of a connection, always within the caller's organization. */
@Injectable()
export class EventsService {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly search: EventSearch,
    private readonly events: EventsRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly details: EventDetails,
  ) {}

  /**
   * Reads at most 10,000 rows. With `domain`, `from` or `to`, a page may therefore have fewer events than `limit`, or none,
   * and still have `nextCursor`.
   * @throws ConnectionNotFoundError, InvalidQueryError
   */
  async list(caller: Caller, connectionId: string, query: EventQuery = {}): Promise<Page<ConnectionEvent>> {
    return this.listOf(caller, await this.loader.row(caller.organization, connectionId), query);
  }

  /** Like `list`, for a connection of the caller that was read already. It may be deleted. */
  async listOf(
    caller: Caller,
    { id, number, vendor }: Pick<ConnectionRow, 'id' | 'number' | 'vendor'>,
    query: EventQuery,
  ): Promise<Page<ConnectionEvent>> {
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const cursor = query.cursor === undefined ? undefined : decodeEventCursor(query.cursor);
    const { rows, legacyRows, next } = await this.query(caller, (tx) =>
      this.search.list(tx, { id, number }, { ...query, cursor, limit }),
    );
    const newEvents = (await this.details.complete(vendor, caller.organization, rows)).map(withoutRaw);
    const legacyEvents = legacyRows.map(legacyEvent);
    return {
      data: query.order === 'asc' ? [...legacyEvents, ...newEvents] : [...newEvents, ...legacyEvents],
      nextCursor: next === undefined ? null : encodeNumberCursor('event', next),
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
    const { id, number, vendor } = await this.loader.row(caller.organization, connectionId);
    const common = { messageId: storedId(messageId), limit: MAX_TIMELINE + 1 };
    const { rows, legacyRows } = await this.query(caller, async (tx) => {
      const address = recipient === undefined ? undefined : storedAddress(recipient);
      const filter = { ...common, connectionId: id, recipients: spellingsOf(recipient) };
      return {
        rows: await this.events.ofMessage(tx, { ...common, connection: number, recipient: address }),
        legacyRows: (await this.legacy.isEmpty(tx)) ? [] : await this.legacy.ofMessage(tx, filter),
      };
    });
    if (rows.length + legacyRows.length === 0) throw new MessageNotFoundError();
    const newEvents = await this.details.complete(vendor, caller.organization, rows.slice(0, MAX_TIMELINE));
    const events = [...legacyRows.map(legacyEvent), ...newEvents.map(withoutRaw)].toSorted(
      (a, b) => a.occurredAt.getTime() - b.occurredAt.getTime(),
    );
    const shown = events.slice(0, MAX_TIMELINE);
    const bounceClasses = new Map(rows.map(({ id, bounceClass }) => [String(id), bounceClass]));
    return {
      messageId,
      events: shown,
      truncated: rows.length + legacyRows.length > MAX_TIMELINE,
      states: messageStates(shown.map((event) => stateEvent(event, bounceClasses.get(event.id) ?? null))),
    };
  }

  /** Returns one event with its raw form. @throws ConnectionNotFoundError, EventNotFoundError */
  async get(caller: Caller, connectionId: string, eventId: string): Promise<ConnectionEventDetails> {
    const { id, number, vendor } = await this.loader.row(caller.organization, connectionId);
    const key = parseNumberId(eventId);
    if (key === undefined) throw new EventNotFoundError();
    const row = await this.unitOfWork.read((tx) => this.events.find(tx, number, key));
    if (row !== null) {
      const [event] = await this.details.complete(vendor, caller.organization, [row]);
      if (event !== undefined) return event;
    }
    const legacyRow = await this.unitOfWork.read((tx) => this.legacy.find(tx, id, key));
    if (legacyRow === null) throw new EventNotFoundError();
    return { ...legacyEvent(legacyRow), raw: await this.legacyRawForm(legacyRow, vendor) };
  }

  /** Reads what may go through many rows. */
  private async query<T>({ organization }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.unitOfWork.read(work, { lane: 'query', turn: organization });
  }

  private async legacyRawForm({ connectionId, requestId, position }: LegacyEventRow, vendor: string): Promise<unknown> {
    const receiver = this.registry.find(vendor)?.adapter.webhooks;
    const request = await this.unitOfWork.read((tx) => this.legacy.request(tx, connectionId, requestId));
    if (receiver === undefined || request === null || request.body === null) return null;
    const { contentType, parameters, body } = request;
    const item = parsedItems(receiver, storedRequest(contentType, parameters, await unzip(body)))[position];
    return (item?.ok === true ? item.event.raw : item?.raw) ?? null;
  }
}

function spellingsOf(recipient: string | undefined): readonly string[] | undefined {
  return recipient === undefined ? undefined : legacySpellings(recipient);
}

/** The class is also stored apart from the bounce, whose body may be deleted earlier. */
function stateEvent({ bounce, recipient, ...event }: ConnectionEvent, bounceClass: BounceClass | null): StateEvent {
  return {
    ...event,
    recipient: recipient === null ? null : storedAddress(recipient),
    bounceClass: bounceClass ?? bounce?.class ?? null,
  };
}

function withoutRaw({ raw: _raw, ...event }: ConnectionEventDetails): ConnectionEvent {
  return event;
}

/** @throws InvalidQueryError */
export function decodeEventCursor(cursor: string): number {
  return decodeNumberCursor('event', cursor);
}

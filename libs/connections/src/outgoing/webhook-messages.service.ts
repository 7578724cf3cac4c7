import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { checkedNumber, decodeCursor, encodeCursor, firstIdAt, type Page, PAGE_LIMITS } from '../input/paging.ts';
import { Clock } from '../options/clock.ts';
import { readReplay, type ReplayMessagesInput } from './endpoint-input.ts';
import { MessageEvents } from './message-events.ts';
import { MessageStore } from './message-store.ts';
import { WebhookAttemptsRepository } from './webhook-attempts.repository.ts';
import { WebhookDispatcher } from './webhook-dispatcher.ts';
import {
  toMessage,
  WebhookEndpointDisabledError,
  WebhookEndpointNotFoundError,
  type WebhookMessage,
  WebhookMessageNotFoundError,
} from './webhook-endpoint.ts';
import { type WebhookEndpointRow, WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';
import { type MessageState, WebhookMessageRow, WebhookMessagesRepository } from './webhook-messages.repository.ts';
import { isSuccess, WebhookSender } from './webhook-sender.ts';

export interface MessageQuery {
  /** All by default. */
  readonly state?: readonly MessageState[] | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

export interface Replay {
  /** How many messages are sent again. */
  readonly messages: number;
}

const REPLAYED_PER_STEP = 500;

/** The messages of the outgoing webhooks of an organization. */
@Injectable()
export class WebhookMessagesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly attempts: WebhookAttemptsRepository,
    private readonly events: MessageEvents,
    private readonly store: MessageStore,
    private readonly sender: WebhookSender,
    private readonly dispatcher: WebhookDispatcher,
    private readonly audit: AuditRepository,
    private readonly clock: Clock,
  ) {}

  /** Newest first. @throws WebhookEndpointNotFoundError, InvalidQueryError */
  async list(caller: Caller, endpointId: string, query: MessageQuery = {}): Promise<Page<WebhookMessage>> {
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    const { rows, attempts } = await this.unitOfWork.read(
      async (tx) => {
        await this.endpoint(tx, caller, endpointId);
        const filter = { endpointId, states: query.state, before, limit: limit + 1 };
        const rows = await this.messages.list(tx, filter);
        const ids = rows.slice(0, limit).map(({ id }) => id);
        return { rows, attempts: await this.attempts.ofMessages(tx, ids) };
      },
      { lane: 'query', turn: caller.organization },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((row) =>
        toMessage(
          row,
          attempts.filter(({ messageId }) => messageId === row.id),
        ),
      ),
      nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
    };
  }

  /** @throws WebhookEndpointNotFoundError, WebhookMessageNotFoundError */
  async get(caller: Caller, endpointId: string, messageId: string): Promise<WebhookMessage> {
    return this.unitOfWork.read(async (tx) => {
      await this.endpoint(tx, caller, endpointId);
      return this.message(tx, endpointId, messageId);
    });
  }

  /**
   * Sends a message without events to an endpoint, also if it is disabled. It is not repeated if it fails.
   * @returns the message with its attempt
   * @throws WebhookEndpointNotFoundError, EndpointSecretUnreadableError
   */
  async test(caller: Caller, endpointId: string): Promise<WebhookMessage> {
    const endpoint = await this.unitOfWork.write(async (tx) => {
      const row = await this.endpoint(tx, caller, endpointId);
      await this.audit.record(tx, caller, 'webhook_endpoint.test', endpointId);
      return row;
    });
    const now = this.clock.now();
    const message: WebhookMessageRow = Object.assign(new WebhookMessageRow(), {
      id: uuid(),
      endpointId,
      type: 'webhook.test',
      firstPosition: null,
      lastPosition: null,
      kinds: null,
      events: 0,
      bytes: 0,
      state: 'sending',
      attempts: 1,
      nextAttemptAt: null,
      firstAttemptAt: now,
      createdAt: now,
      endedAt: null,
    } satisfies WebhookMessageRow);
    const body = (await this.events.body(endpoint, message)) ?? '';
    const { retryAfterMs: _retryAfterMs, ...sent } = await this.sender.send(endpoint, message.id, body);
    const attempt = { id: uuid(), organization: endpoint.organization, messageId: message.id, ...sent };
    message.state = isSuccess(sent) ? 'delivered' : 'failed';
    message.endedAt = this.clock.now();
    await this.unitOfWork.write(async (tx) => {
      await this.messages.insert(tx, [message]);
      await this.attempts.add(tx, attempt);
    });
    return toMessage(message, [attempt]);
  }

  /**
   * Sends a message again, with its id and with all attempts. One that is being sent stays as it is.
   * @throws WebhookEndpointNotFoundError, WebhookMessageNotFoundError, WebhookEndpointDisabledError
   */
  async replay(caller: Caller, endpointId: string, messageId: string): Promise<WebhookMessage> {
    const message = await this.unitOfWork.write(async (tx) => {
      await this.lock(tx, caller, endpointId);
      const row = await this.messages.find(tx, endpointId, messageId);
      if (row === null) throw new WebhookMessageNotFoundError();
      if (row.state !== 'sending') await this.requeue(tx, endpointId, [row.id]);
      await this.audit.record(tx, caller, 'webhook_endpoint.replay', endpointId, [`messages/${messageId}`]);
      return this.message(tx, endpointId, messageId);
    });
    this.dispatcher.start(endpointId);
    return message;
  }

  /**
   * Sends the messages of a time again that failed, or all of them, with their ids.
   * @throws WebhookEndpointNotFoundError, WebhookEndpointDisabledError, InvalidInputError
   */
  async replayAll(caller: Caller, endpointId: string, input: ReplayMessagesInput): Promise<Replay> {
    const { from, to = this.clock.now(), includeDelivered = false } = readReplay(input);
    const states: readonly MessageState[] = includeDelivered ? ['failed', 'delivered'] : ['failed'];
    await this.unitOfWork.write(async (tx) => {
      await this.lock(tx, caller, endpointId);
      await this.audit.record(tx, caller, 'webhook_endpoint.replay', endpointId, ['messages']);
    });
    // Ids begin with the time of their message.
    const before = firstIdAt(new Date(to));
    let after: string | undefined = firstIdAt(new Date(from));
    let messages = 0;
    while (after !== undefined) {
      const range: { readonly after: string; readonly before: string } = { after, before };
      const ids: readonly string[] = await this.unitOfWork.write(async (tx) => {
        await this.lock(tx, caller, endpointId);
        const found = await this.messages.nextEnded(tx, endpointId, states, range, REPLAYED_PER_STEP);
        await this.requeue(tx, endpointId, found);
        return found;
      });
      messages += ids.length;
      after = ids.length === REPLAYED_PER_STEP ? ids.at(-1) : undefined;
    }
    this.dispatcher.start(endpointId);
    return { messages };
  }

  private async requeue(tx: Transaction, endpointId: string, ids: readonly string[]): Promise<void> {
    const now = this.clock.now();
    await this.store.replay(tx, ids, now);
    await this.endpoints.update(tx, endpointId, { dueAt: now });
  }

  /** @throws WebhookEndpointNotFoundError, WebhookEndpointDisabledError */
  private async lock(tx: Transaction, { organization }: Caller, id: string): Promise<void> {
    const row = await this.endpoints.lock(tx, id, organization);
    if (row === null) throw new WebhookEndpointNotFoundError();
    if (row.state === 'disabled') throw new WebhookEndpointDisabledError();
  }

  private async endpoint(tx: Transaction, { organization }: Caller, id: string): Promise<WebhookEndpointRow> {
    const row = await this.endpoints.find(tx, organization, id);
    if (row === null) throw new WebhookEndpointNotFoundError();
    return row;
  }

  private async message(tx: Transaction, endpointId: string, id: string): Promise<WebhookMessage> {
    const row = await this.messages.find(tx, endpointId, id);
    if (row === null) throw new WebhookMessageNotFoundError();
    return toMessage(row, await this.attempts.ofMessages(tx, [id]));
  }
}

import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { parsePosition } from '../feed/feed-position.ts';
import { Clock } from '../options/clock.ts';
import { MAX_MESSAGE_EVENTS, toMessageEvent } from './message-events.ts';
import { sortablePosition } from './message-position.ts';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';
import { type WebhookMessageRow, WebhookMessagesRepository } from './webhook-messages.repository.ts';
import type { FeedEventOf, FeedKind } from '../feed/feed-kinds.ts';

/** An event that a message is to contain. */
interface Item {
  readonly position: string;
  /** Its size as JSON. */
  readonly bytes: number;
}

/** For which endpoint events are stored, and which kinds of the feed they are; null for all. */
export interface Subscription {
  readonly endpointId: string;
  readonly kinds: readonly FeedKind[] | null;
}

/** How large the events of a message are at most, unless it has only one. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * Stores which events are to be sent to an endpoint, as ranges of the feed. Events that a message already covers are not stored
 * twice: after a crash, the feed repeats them, and their message keeps its id.
 */
@Injectable()
export class MessageStore {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores messages for the next events of an endpoint, in the order of the feed.
   * @returns false if the endpoint is disabled or deleted: nothing is stored
   */
  async add(subscription: Subscription, events: readonly FeedEventOf<FeedKind>[]): Promise<boolean> {
    const { endpointId } = subscription;
    const items = events.map((event) => ({
      position: sortablePosition(parsePosition(event.position)),
      bytes: Buffer.byteLength(JSON.stringify(toMessageEvent(event))) + 1,
    }));
    return this.unitOfWork.write(async (tx) => {
      const endpoint = await this.endpoints.lock(tx, endpointId);
      if (endpoint === null || endpoint.state !== 'enabled') return false;
      const now = this.clock.now();
      for (let rest: readonly Item[] = items; rest.length > 0;) rest = await this.store(tx, subscription, rest, now);
      await this.endpoints.update(tx, endpointId, { dueAt: earlier(endpoint.dueAt, now) });
      return true;
    });
  }

  /** Stores the first of some events. @returns the others */
  private async store(
    tx: Transaction,
    { endpointId, kinds }: Subscription,
    items: readonly Item[],
    now: Date,
  ): Promise<readonly Item[]> {
    const [{ position }] = items as [Item, ...Item[]];
    const before = await this.messages.atOrBefore(tx, endpointId, position);
    if (before !== null && position <= (before.lastPosition ?? '')) {
      // Repeated by the feed, or replayed from an earlier position.
      if (before.state === 'failed' || before.state === 'delivered') await this.replay(tx, [before.id], now);
      return items.filter((item) => item.position > (before.lastPosition ?? ''));
    }
    const after = await this.messages.after(tx, endpointId, position);
    const open = items.filter((item) => after === null || item.position < (after.firstPosition ?? ''));
    if (before !== null && isUnsent(before) && JSON.stringify(before.kinds) === JSON.stringify(kinds)) {
      const added = fitting(open, before);
      const last = added.at(-1);
      if (last !== undefined) {
        const events = before.events + added.length;
        const bytes = before.bytes + sizeOf(added);
        await this.messages.update(tx, [before.id], { lastPosition: last.position, events, bytes });
        return items.slice(added.length);
      }
    }
    const own = fitting(open, { events: 0, bytes: 0 });
    const message: WebhookMessageRow = {
      id: uuid(),
      endpointId,
      type: 'email.events',
      firstPosition: position,
      lastPosition: own.at(-1)?.position ?? position,
      kinds,
      events: own.length,
      bytes: sizeOf(own),
      state: 'pending',
      attempts: 0,
      nextAttemptAt: now,
      firstAttemptAt: null,
      createdAt: now,
      endedAt: null,
    };
    await this.messages.insert(tx, [message]);
    return items.slice(own.length);
  }

  /** Has messages sent again, with all attempts. */
  async replay(tx: Transaction, ids: readonly string[], now: Date): Promise<void> {
    await this.messages.update(tx, ids, { state: 'pending', attempts: 0, nextAttemptAt: now, endedAt: null });
  }
}

/** The first events that a message has room for. At least one if it is empty. */
function fitting(items: readonly Item[], message: { readonly events: number; readonly bytes: number }): Item[] {
  let { events, bytes } = message;
  const fitted: Item[] = [];
  for (const item of items) {
    events++;
    bytes += item.bytes;
    if (events > MAX_MESSAGE_EVENTS || (bytes > MAX_MESSAGE_BYTES && events > 1)) break;
    fitted.push(item);
  }
  return fitted;
}

function sizeOf(items: readonly Item[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Whether events may be added: no endpoint knows the message yet. */
function isUnsent({ state, firstAttemptAt }: WebhookMessageRow): boolean {
  return state === 'pending' && firstAttemptAt === null;
}

export function earlier(a: Date | null, b: Date): Date {
  return a === null || b < a ? b : a;
}

import { Injectable } from '@nestjs/common';
import { EventFeed } from '../feed/event-feed.ts';
import type { FeedEvent, FeedEventOf, FeedKind, WebhookHealthEvent } from '../feed/feed-kinds.ts';
import { parsePosition, PositionExpiredError } from '../feed/feed-position.ts';
import { parseSortable, sortablePosition } from './message-position.ts';
import type { WebhookEndpointRow } from './webhook-endpoints.repository.ts';
import type { WebhookMessageRow } from './webhook-messages.repository.ts';

/** How many events a message has at most. */
export const MAX_MESSAGE_EVENTS = 100;

/** An event as a message has it. */
export type MessageEvent = Omit<FeedEvent, 'organization'> | Omit<WebhookHealthEvent, 'organization'>;

export function toMessageEvent({ organization: _organization, ...event }: FeedEventOf<FeedKind>): MessageEvent {
  return event;
}

/** Reads the events of messages from the feed: an address that was erased since is in no attempt. */
@Injectable()
export class MessageEvents {
  constructor(private readonly feed: EventFeed) {}

  /**
   * The body of a message, as it is signed.
   * @returns undefined if none of its events is stored any longer
   */
  async body(
    { organization }: Pick<WebhookEndpointRow, 'organization'>,
    message: WebhookMessageRow,
  ): Promise<string | undefined> {
    const { type, createdAt, firstPosition, lastPosition } = message;
    const data = {
      events:
        firstPosition === null || lastPosition === null
          ? []
          : await this.read(organization, message, firstPosition, lastPosition),
    };
    if (type === 'email.events' && data.events.length === 0) return undefined;
    return JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  }

  private async read(
    organization: string,
    { kinds }: WebhookMessageRow,
    first: string,
    last: string,
  ): Promise<readonly MessageEvent[]> {
    const { seq, index } = parseSortable(first);
    const events: MessageEvent[] = [];
    // Positions are after their events.
    let after = { seq, index: index - 1 };
    try {
      for (;;) {
        const query = { after, limit: MAX_MESSAGE_EVENTS, organization, kinds: kinds ?? undefined };
        const page = await this.feed.events(query, { turn: organization });
        const own = page.events.filter(({ position }) => sortablePosition(parsePosition(position)) <= last);
        events.push(...own.map(toMessageEvent));
        const isPast = own.length < page.events.length || sortablePosition(page.next) >= last;
        if (isPast || page.isAtEnd) return events;
        after = page.next;
      }
    } catch (error) {
      if (error instanceof PositionExpiredError) return [];
      throw error;
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../audit/caller.ts';
import { storedAddress, storedId } from '../events/event-record.ts';
import { checkedNumber } from '../input/paging.ts';
import { FeedHead } from '../sequence/feed-head.ts';
import { EventFeed, type FeedQuery } from './event-feed.ts';
import type { FeedEventOf, FeedKind } from './feed-kinds.ts';
import { FEED_START, type FeedPosition, lastRead, parsePosition, positionText } from './feed-position.ts';

/** How many events a page of the feed may have. */
export const FEED_LIMITS = { default: 100, max: 1_000 } as const;

/** Which events of the feed to read. */
export interface FeedRequest<Kind extends FeedKind = EventKind> {
  /** A position, such as `1042-17`, or `end` for those from now on; from the oldest one by default. */
  readonly after?: string | undefined;
  /** 1 to 1,000; 100 by default. */
  readonly limit?: number | undefined;
  /** All kinds of events of emails by default. Changes of the health of webhooks are returned only if they are named. */
  readonly kinds?: readonly Kind[] | undefined;
  readonly connectionIds?: readonly string[] | undefined;
  /** A complete address. */
  readonly recipient?: string | undefined;
  readonly messageId?: string | undefined;
}

/** The next events of the feed. */
export interface FeedSlice<Kind extends FeedKind = EventKind> {
  readonly data: readonly FeedEventOf<Kind>[];
  /** The `after` of the next request. */
  readonly next: string;
  /** Whether there are no more events for now. */
  readonly isAtEnd: boolean;
}

/** How many events of a stream are read at a time: each time, the requests that contained them are read and decompressed. */
const STREAMED_EVENTS = 500;

/** The feed of an organization. */
@Injectable()
export class FeedService {
  constructor(
    private readonly feed: EventFeed,
    private readonly head: FeedHead,
  ) {}

  /**
   * The next events of all connections of the organization, oldest first. One request reads at most 2,000 events: with a filter, it
   * may return few or none although more follow.
   * @throws InvalidQueryError, PositionExpiredError
   */
  async list<Kind extends FeedKind = EventKind>(
    { organization }: Caller,
    { after, limit, ...filter }: FeedRequest<Kind>,
  ): Promise<FeedSlice<Kind>> {
    const number = checkedNumber('limit', limit, FEED_LIMITS);
    const query = { ...filterOf(organization, filter), after: await this.positionOf(after), limit: number };
    const { events, next, isAtEnd } = await this.feed.events(query, { turn: organization });
    return { data: events, next: positionText(next), isAtEnd };
  }

  /**
   * The events from a position on, as they are stored: some at a time, and none at the beginning and after each pause.
   * @param pauseMs how long nothing may be yielded
   * @throws InvalidQueryError, PositionExpiredError, before the first events or when the reader is too slow
   */
  async *follow<Kind extends FeedKind = EventKind>(
    { organization }: Caller,
    { after, ...filter }: Omit<FeedRequest<Kind>, 'limit'>,
    pauseMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly FeedEventOf<Kind>[], undefined> {
    const query = { ...filterOf(organization, filter), limit: STREAMED_EVENTS };
    for (let position = await this.positionOf(after), isFirst = true; !signal.aborted; isFirst = false) {
      const { events, next, isAtEnd } = await this.feed.events({ ...query, after: position }, { turn: organization });
      position = next;
      if (events.length > 0 || isFirst) yield events;
      else if (isAtEnd && !(await this.waitFor(position, pauseMs, signal))) yield [];
      // Streams that follow every commit would share none of the work.
      if (isAtEnd) await delay(GATHER_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** @returns whether there is something new */
  private async waitFor(position: FeedPosition, ms: number, signal: AbortSignal): Promise<boolean> {
    const begun = performance.now();
    await this.head.waitBeyond(lastRead(position), ms, signal);
    return performance.now() - begun < ms;
  }

  private async positionOf(after: string | undefined): Promise<FeedPosition> {
    if (after === undefined) return FEED_START;
    return after === 'end' ? this.feed.end() : parsePosition(after);
  }
}

const GATHER_MS = 100;

function filterOf<Kind extends FeedKind>(
  organization: string,
  { recipient, messageId, ...filter }: Omit<FeedRequest<Kind>, 'after' | 'limit'>,
): Omit<FeedQuery<Kind>, 'after' | 'limit'> {
  return {
    ...filter,
    organization,
    recipient: recipient === undefined ? undefined : storedAddress(recipient),
    messageId: messageId === undefined ? undefined : storedId(messageId),
  };
}

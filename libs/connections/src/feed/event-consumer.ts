import type { EventKind } from '@score-crm/adapter-kit';
import type { Transaction } from '../database/unit-of-work.ts';
import type { FeedRow } from './event-feed.ts';
import type { FeedEventOf, FeedKind } from './feed-kinds.ts';
import type { ConsumerType } from './event-consumers.repository.ts';
import type { FeedPosition } from './feed-position.ts';

/** Receives the events of the feed in their order, each at least once. One instance at a time runs it, of all processes. */
export interface EventConsumer<Kind extends FeedKind = EventKind> {
  /** Identifies it in the database: up to 100 characters of printable ASCII. A consumer with another name begins again. */
  readonly name: string;
  readonly type: Exclude<ConsumerType, 'projection'>;
  /** An organization, for its events only. */
  readonly organization?: string;
  /** All kinds of events of emails by default. */
  readonly kinds?: readonly Kind[];
  /** Where a consumer begins that is not known yet; at the end by default. */
  readonly start?: 'beginning' | 'end';
  /** How many events are handed over together at most, 1 to 1,000. */
  readonly batchSize: number;
  readonly retry?: RetryPolicy;
  /**
   * Processes events. When it rejects, it gets them again: together first, then one by one. An event that fails alone as often as
   * `retry` allows becomes a dead letter, and the others continue. After a `ConsumerUnavailableError`, it gets them until it resolves.
   * @param signal aborts when the instance stops, when another one has taken over, or after a minute
   */
  handle(events: readonly FeedEventOf<Kind>[], signal: AbortSignal): Promise<void>;
}

export interface RetryPolicy {
  /** How often an event is handed over alone before it becomes a dead letter; 5 by default. */
  readonly attempts: number;
  /** The delay after the first failure in milliseconds; 1,000 by default. It doubles up to a minute. */
  readonly firstDelayMs: number;
}

/** What a consumer depends on cannot be reached. No event is at fault, so none becomes a dead letter. */
export class ConsumerUnavailableError extends Error {
  override readonly name = 'ConsumerUnavailableError';
}

/** A consumer of any kinds. It gets no others than its own. */
export type AnyEventConsumer = EventConsumer<FeedKind>;

/** Keeps a result in the database: what it changes for an event of an email and its position are one transaction. */
export interface EventProjection {
  readonly name: string;
  /** Called with each event once, in the order of the feed. */
  apply(tx: Transaction, rows: readonly FeedRow[]): Promise<void>;
}

/** How far a consumer is. */
export interface ConsumerState {
  readonly name: string;
  readonly type: ConsumerType;
  readonly position: FeedPosition;
  /** How many entries of the feed, which are requests and sent messages, it has not read yet. */
  readonly lag: number;
  readonly paused: boolean;
  readonly isRunning: boolean;
  /** How many attempts have failed in a row. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly deadLetters: number;
}

/** A consumer, or all outgoing webhooks together: there may be as many as organizations want. */
export interface ConsumerSummary {
  readonly type: ConsumerType;
  /** `*`: all of this type. */
  readonly name: string;
  readonly running: number;
  readonly paused: number;
  /** How many have failed at their last attempt. */
  readonly failing: number;
  /** The largest lag of those that are not paused, in entries of the feed. */
  readonly lag: number;
  readonly deadLetters: number;
}

/** For monitoring: the feed and its consumers. */
export interface FeedOverview {
  /** How many requests and sent messages are stored, but not in the feed yet; at most 10,000 are counted. */
  readonly pending: number;
  readonly consumers: readonly ConsumerSummary[];
}

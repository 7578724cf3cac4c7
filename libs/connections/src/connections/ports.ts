import type { Transaction } from '../database/unit-of-work.ts';
import type { ConnectionRow, LastTest } from './connection-row.ts';
import type { DailyAllowance } from './sending-limits.ts';

// What connections need of slices that depend on them. `ConnectionsModule` binds the implementations.

/** How many campaigns and journeys use a connection. */
export interface UsageCounts {
  readonly total: number;
  /** The ones that are scheduled, running or paused. */
  readonly active: number;
}

export interface ConnectionUsages {
  /** Call it after locking the connection. @throws ConnectionInUseError if a usage needs the connection */
  assertUnused(tx: Transaction, connectionId: string): Promise<void>;
  /** By connection. Connections without usages are absent. */
  counts(tx: Transaction, connectionIds: readonly string[]): Promise<ReadonlyMap<string, UsageCounts>>;
}

/** Injection token of `ConnectionUsages`. */
export const CONNECTION_USAGES = Symbol('ConnectionUsages');

/**
 * `unsupported`: the vendor has no webhooks. `not_set_up`: nothing indicates that the vendor has the webhook, or it was
 * removed through this service. `waiting`: set up, but no authenticated request yet. `receiving`: the last authenticated
 * request was accepted. `failing`: the last authenticated request could not be read.
 *
 * Requests that are not authenticated do not change the state: anyone can send them.
 */
export const WEBHOOK_STATES = ['unsupported', 'not_set_up', 'waiting', 'receiving', 'failing'] as const;

export type WebhookState = (typeof WEBHOOK_STATES)[number];

/** The webhook of a connection, as part of the connection's view. */
export interface ConnectionWebhook {
  /** Whether the vendor has webhooks. */
  readonly supported: boolean;
  /** The URL for the vendor's requests, without a query; null if the vendor has no webhooks, or `webhookBaseUrl` is not set. */
  readonly url: string | null;
  readonly state: WebhookState;
  readonly lastEventAt: Date | null;
}

export interface ConnectionWebhooks {
  /** In the order of the rows. */
  webhooksOf(rows: readonly ConnectionRow[]): Promise<readonly ConnectionWebhook[]>;
}

/** Injection token of `ConnectionWebhooks`. */
export const CONNECTION_WEBHOOKS = Symbol('ConnectionWebhooks');

export interface ConnectionAllowances {
  /** In the order of the rows; null for a connection without a limit per day. */
  allowancesOf(rows: readonly ConnectionRow[]): Promise<readonly (DailyAllowance | null)[]>;
}

/** Injection token of `ConnectionAllowances`. */
export const CONNECTION_ALLOWANCES = Symbol('ConnectionAllowances');

/** Tests that were run before their values were saved. */
export interface EarlierTests {
  /**
   * Adds an earlier test to the history of the connection, if it tested exactly these settings and this sender.
   * @returns the test; null if `testId` is unknown, has expired, or belongs to other values
   */
  adopt(tx: Transaction, testId: string, row: ConnectionRow, settings: object): Promise<LastTest | null>;
}

/** Injection token of `EarlierTests`. */
export const EARLIER_TESTS = Symbol('EarlierTests');

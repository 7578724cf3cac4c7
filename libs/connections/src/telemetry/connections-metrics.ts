import type { EventKind, Fault } from '@score-crm/adapter-kit';
import { Logger } from '@nestjs/common';

/**
 * How a webhook request ended. `accepted`: its events are stored. `rejected`: it was authenticated, but could not be read.
 * `missing`, `invalid`, `malformed` and `not_configured`: why it was not authenticated. `overloaded`: too much is waiting for the
 * database. `failed`: an error of the application or the database.
 */
export const WEBHOOK_VERDICTS = [
  'accepted',
  'rejected',
  'missing',
  'invalid',
  'malformed',
  'not_configured',
  'not_found',
  'too_large',
  'overloaded',
  'failed',
] as const;
export type MeasuredVerdict = (typeof WEBHOOK_VERDICTS)[number];

/** The result of sending a message: whether its vendor accepted all recipients, some or none. */
export const SEND_RESULTS = ['accepted', 'partly_accepted', 'failed'] as const;
export type SendResultKind = (typeof SEND_RESULTS)[number];

export interface MeasuredSend {
  readonly vendor: string;
  readonly result: SendResultKind;
  /** Who can fix a failure; undefined if the message was accepted. */
  readonly fault: Fault | undefined;
  /** How long the vendor took, in milliseconds. */
  readonly durationMs: number;
}

export interface MeasuredCommit {
  /** How long the transaction took, including the wait for a connection, in milliseconds. */
  readonly durationMs: number;
  /** How many webhook requests and sent messages shared it. */
  readonly requests: number;
  /** With those that were stored before. */
  readonly events: number;
}

/**
 * Receives measurements, for example to count them for a monitoring system. An application passes an implementation as the option
 * `metrics`. The methods are called while webhooks are received: they must be fast. Nothing that they are given identifies an
 * organization, a connection or a recipient.
 */
export interface ConnectionsMetrics {
  /**
   * A webhook request has ended.
   * @param vendor `unknown` if no adapter has this name
   * @param events how many events it had; undefined unless it was accepted
   */
  webhookReceived(vendor: string, verdict: MeasuredVerdict, events?: number): void;
  /** New events of a vendor and kind were committed. */
  eventsStored(vendor: string, kind: EventKind, count: number): void;
  /** Events were not stored, because they were stored before. */
  duplicatesFound(vendor: string, count: number): void;
  /** A transaction with events was committed. */
  committed(commit: MeasuredCommit): void;
  /** A transaction with events failed. It may succeed in parts afterwards. */
  commitFailed(): void;
  messageSent(send: MeasuredSend): void;
}

const nothing = (): void => undefined;

/** Measures nothing. */
export const NO_METRICS: ConnectionsMetrics = {
  webhookReceived: nothing,
  eventsStored: nothing,
  duplicatesFound: nothing,
  committed: nothing,
  commitFailed: nothing,
  messageSent: nothing,
};

/** The metrics of an application. An error that they throw is logged once, and affects nothing else. */
export function guardedMetrics({ metrics }: { readonly metrics?: ConnectionsMetrics }): ConnectionsMetrics {
  if (metrics === undefined) return NO_METRICS;
  let hasFailed = false;
  const guard = (measure: () => void): void => {
    try {
      measure();
    } catch (error) {
      if (!hasFailed) new Logger('ConnectionsMetrics').error('A measurement failed.', error);
      hasFailed = true;
    }
  };
  return {
    webhookReceived: (...args) => guard(() => metrics.webhookReceived(...args)),
    eventsStored: (...args) => guard(() => metrics.eventsStored(...args)),
    duplicatesFound: (...args) => guard(() => metrics.duplicatesFound(...args)),
    committed: (commit) => guard(() => metrics.committed(commit)),
    commitFailed: () => guard(() => metrics.commitFailed()),
    messageSent: (send) => guard(() => metrics.messageSent(send)),
  };
}

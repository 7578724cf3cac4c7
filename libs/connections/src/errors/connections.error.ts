import type { AdapterErrorDetails, FieldError } from '@score-crm/adapter-kit';
import type { ConnectionsErrorCode } from './error-codes.ts';

/** What can use a connection. */
export const USAGE_CONSUMERS = ['campaign', 'journey'] as const;
export type UsageConsumer = (typeof USAGE_CONSUMERS)[number];

/** The state of a campaign or journey. While it is `scheduled`, `running` or `paused`, it needs its connection. */
export const USAGE_STATUSES = [
  'draft',
  'scheduled',
  'running',
  'paused',
  'completed',
  'canceled',
  'failed',
  'stopped',
] as const;
export type UsageStatus = (typeof USAGE_STATUSES)[number];

/** A usage that prevents an operation. */
export interface BlockingUsage {
  readonly consumer: UsageConsumer;
  /** The consumer's own id of it. */
  readonly ref: string;
  readonly name: string;
  readonly status: UsageStatus;
}

/**
 * The base class of the module's errors. Neither `message` nor any other property contains a secret. An application may derive
 * errors of its own from it, with codes of its own: `toProblem` then needs a table that has them.
 */
export abstract class ConnectionsError<Code extends string = ConnectionsErrorCode> extends Error {
  /** Stable. `CONNECTIONS_ERROR_CODES` lists all codes with their HTTP status. */
  abstract readonly code: Code;
  /** The problems of an input, each with a JSON pointer. */
  readonly errors?: readonly FieldError[];
  /** The vendor's error. */
  readonly details?: AdapterErrorDetails;
  /** Usages that prevent the operation. */
  readonly usages?: readonly BlockingUsage[];
  /** The version that the resource has now. */
  readonly currentVersion?: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** What happened and what to do, for the `detail` of a response; by default the message. */
  get detail(): string {
    return this.message;
  }

  /** When the same call may succeed, in milliseconds from now; undefined if that is not known. */
  get retryAfterMs(): number | undefined {
    return this.details?.retryAfterMs;
  }
}

import { type AdapterErrorDetails, type FieldError, mayHaveBeenSent } from '@score-crm/adapter-kit';
import { ConnectionsError } from '../errors/connections.error.ts';

/** The vendor accepted no recipient, or did not respond; `details.hint` says which. No event is stored. */
export class SendFailedError extends ConnectionsError {
  readonly code = 'send_failed';
  /** The part of the message that caused the error, if the vendor names one. */
  override readonly errors?: readonly FieldError[];

  /** @param details without secrets */
  constructor(override readonly details: AdapterErrorDetails) {
    super(`The message was not sent: ${details.code} (${details.stage}). ${details.hint}`);
    const { code, hint, pointer } = details;
    if (pointer !== undefined) this.errors = [{ pointer, code, message: hint }];
  }

  override get detail(): string {
    return this.details.hint;
  }

  /** Whether the vendor may have accepted the message all the same. */
  get mayBeSent(): boolean {
    return mayHaveBeenSent(this.details);
  }
}

/**
 * An earlier request with this idempotency key was interrupted after the vendor may have accepted the message. It is not sent
 * again under this key.
 */
export class OutcomeUnknownError extends ConnectionsError {
  readonly code = 'outcome_unknown';

  constructor() {
    super(
      'The message may have been sent: an earlier request with this idempotency key was interrupted. It is not sent again under this key.',
    );
  }
}

/** No recipient in `to` is left without the suppressed ones. Nothing was sent, and no event is stored. */
export class RecipientSuppressedError extends ConnectionsError {
  readonly code = 'recipient_suppressed';

  /** @param errors the suppressed recipients */
  constructor(override readonly errors: readonly FieldError[]) {
    super('The message was not sent: all its recipients are suppressed. Remove the suppressions, or send to others.');
  }
}

/** The limits of a connection, see `SendingLimits`. */
export type SendingLimit = 'perSecond' | 'perMinute' | 'perDay' | 'concurrency';

const LIMIT_TEXTS: Readonly<Record<SendingLimit, string>> = {
  perSecond: 'emails per second',
  perMinute: 'emails per minute',
  perDay: 'emails today',
  concurrency: 'calls at the same time',
};

/** The connection has reached one of its limits. Nothing was sent. */
export class SendingLimitExceededError extends ConnectionsError {
  readonly code = 'sending_limit_exceeded';

  /** @param waitMs until the limit allows more */
  constructor(
    readonly limit: SendingLimit,
    most: number,
    private readonly waitMs: number,
  ) {
    super(
      `The connection has reached its limit of ${String(most)} ${LIMIT_TEXTS[limit]}. Send the message again later.`,
    );
  }

  override get retryAfterMs(): number {
    return Math.max(0, this.waitMs);
  }
}

/** The emails of a connection with limits cannot be counted. Nothing was sent. */
export class LimitsUnavailableError extends ConnectionsError {
  readonly code = 'limits_unavailable';

  constructor(cause: unknown) {
    super('The sending limits of the connection cannot be checked. Send the message again later.', { cause });
  }
}

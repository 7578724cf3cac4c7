import type { AdapterErrorDetails, FieldError } from '@score-crm/adapter-kit';
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
}

/** No recipient in `to` is left without the suppressed ones. Nothing was sent, and no event is stored. */
export class RecipientSuppressedError extends ConnectionsError {
  readonly code = 'recipient_suppressed';

  /** @param errors the suppressed recipients */
  constructor(override readonly errors: readonly FieldError[]) {
    super('The message was not sent: all its recipients are suppressed. Remove the suppressions, or send to others.');
  }
}

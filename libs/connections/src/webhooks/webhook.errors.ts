import type { WebhookVerdict } from '@score-crm/adapter-kit';
import { ConnectionsError } from '../errors/connections.error.ts';

/** No connection of this vendor has this id, or its vendor sends no webhooks. */
export class WebhookNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Webhook not found. Check the URL in your vendor’s settings.');
  }
}

export type UnauthenticatedReason = Exclude<WebhookVerdict, 'verified'>;

const REASONS = {
  missing: {
    code: 'missing_signature',
    message: 'Webhook signature is missing. Enable signed webhooks in your vendor’s settings.',
  },
  invalid: {
    code: 'invalid_signature',
    message:
      'Webhook signature does not match. Check that the connection has the signing key of this webhook and that no proxy changes the body.',
  },
  malformed: {
    code: 'malformed_signature',
    message: 'Webhook signature is malformed. Check the webhook’s settings at your vendor.',
  },
  not_configured: {
    code: 'not_configured',
    message: 'The connection has no key to check webhook signatures with. Enter it in the connection’s settings.',
  },
} as const satisfies Readonly<Record<UnauthenticatedReason, { code: string; message: string }>>;

/** The webhook request could not be authenticated as the vendor's. Its body was not parsed. */
export class WebhookUnauthenticatedError extends ConnectionsError {
  readonly code: (typeof REASONS)[UnauthenticatedReason]['code'];

  constructor(readonly reason: UnauthenticatedReason) {
    super(REASONS[reason].message);
    this.code = REASONS[reason].code;
  }
}

/** The webhook request is the vendor's, but its body is not a list of events. It is kept as a rejected delivery. */
export class WebhookRejectedError extends ConnectionsError {
  readonly code = 'delivery_rejected';

  constructor() {
    super('The signature is valid, but the body is not a list of events. The request is kept as a rejected delivery.');
  }
}

/** The body is larger than any that the vendor sends. */
export class WebhookTooLargeError extends ConnectionsError {
  readonly code = 'payload_too_large';

  constructor(readonly limit: number) {
    super(`The body is too large. This webhook accepts at most ${String(limit)} bytes.`);
  }
}

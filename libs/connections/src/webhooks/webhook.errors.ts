import type { WebhookVerdict } from '@score-crm/adapter-kit';

/** There is no connection of this vendor with this id, or its vendor sends no webhooks. */
export class WebhookNotFoundError extends Error {
  override readonly name = 'WebhookNotFoundError';

  constructor() {
    super('There is no webhook at this address.');
  }
}

export type UnauthenticatedReason = Exclude<WebhookVerdict, 'verified'>;

const REASONS: Readonly<Record<UnauthenticatedReason, string>> = {
  missing: 'The request bears no proof of the vendor. Switch the signature on at the vendor.',
  invalid:
    'The proof does not belong to this body and this connection. Check that the connection has the key of this webhook, and that nothing between the vendor and us alters the body.',
  malformed: 'The proof of the request cannot be read.',
  not_configured: 'The connection has no key to check the proof with. Enter it in the settings of the connection.',
};

/** The request does not prove that it is the vendor's. Nothing of it was looked at. */
export class WebhookUnauthenticatedError extends Error {
  override readonly name = 'WebhookUnauthenticatedError';

  constructor(readonly verdict: UnauthenticatedReason) {
    super(REASONS[verdict]);
  }
}

/** It is the vendor's, but no batch of events. It was put in quarantine. */
export class WebhookRejectedError extends Error {
  override readonly name = 'WebhookRejectedError';

  constructor() {
    super('The proof is right, but the body cannot be read as a batch of events. It is kept in quarantine.');
  }
}

/** The body is longer than anything that the vendor sends. */
export class WebhookTooLargeError extends Error {
  override readonly name = 'WebhookTooLargeError';

  constructor(readonly limit: number) {
    super(`The body is too large. This webhook takes at most ${String(limit)} bytes.`);
  }
}

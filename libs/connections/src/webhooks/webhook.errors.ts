import type { AdapterErrorDetails, WebhookVerdict } from '@score-crm/adapter-kit';
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

/** The vendor has no webhooks, or its adapter composes no samples. */
export class SampleUnsupportedError extends ConnectionsError {
  readonly code = 'sample_unsupported';

  constructor() {
    super('This vendor has no sample events. Send a test message instead.');
  }
}

export type RegistrationObstacle =
  'registration_unsupported' | 'webhook_log_unsupported' | 'public_url_missing' | 'registration_in_progress';

const OBSTACLES: Readonly<Record<RegistrationObstacle, string>> = {
  registration_unsupported:
    'This vendor’s webhook cannot be set up automatically. Follow the steps in setupInstructions instead.',
  webhook_log_unsupported:
    'This vendor has no log of its webhook requests. The health of the webhook shows what the service received.',
  public_url_missing:
    'The application has no public URL for webhooks, so vendors cannot reach it. Ask the operator to set it (PUBLIC_URL of the service, webhookBaseUrl of the module).',
  registration_in_progress: 'The webhook is already being set up or removed. Try again in a minute.',
};

/** The webhook cannot be created or removed at the vendor, for a reason that does not involve the vendor. */
export class RegistrationObstacleError extends ConnectionsError {
  constructor(readonly code: RegistrationObstacle) {
    super(OBSTACLES[code]);
  }
}

/** The vendor rejected the registration of the webhook, or could not be reached. */
export class RegistrationFailedError extends ConnectionsError {
  readonly code = 'webhook_registration_failed';

  constructor(override readonly details: AdapterErrorDetails) {
    super(details.hint);
  }
}

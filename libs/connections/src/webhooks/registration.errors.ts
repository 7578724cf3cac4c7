import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { ConnectionsError } from '../errors/connections.error.ts';

export type RegistrationObstacle = 'registration_unsupported' | 'public_url_missing' | 'registration_in_progress';

const REASONS: Readonly<Record<RegistrationObstacle, string>> = {
  registration_unsupported:
    'This vendor’s webhook cannot be set up automatically. Follow the steps in setupInstructions instead.',
  public_url_missing:
    'The application has no public URL for webhooks, so vendors cannot reach it. Ask the operator to set it (PUBLIC_URL of the service, webhookBaseUrl of the module).',
  registration_in_progress: 'The webhook is already being set up or removed. Try again in a minute.',
};

/** The webhook cannot be created or removed at the vendor, for a reason that does not involve the vendor. */
export class RegistrationObstacleError extends ConnectionsError {
  constructor(readonly code: RegistrationObstacle) {
    super(REASONS[code]);
  }
}

/** The vendor rejected the registration of the webhook, or could not be reached. */
export class RegistrationFailedError extends ConnectionsError {
  readonly code = 'webhook_registration_failed';

  constructor(override readonly details: AdapterErrorDetails) {
    super(details.hint);
  }
}

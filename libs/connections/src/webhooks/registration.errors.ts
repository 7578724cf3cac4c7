import type { AdapterErrorDetails } from '@score-crm/adapter-kit';

export type RegistrationObstacle = 'registration_unsupported' | 'public_url_missing' | 'registration_in_progress';

const REASONS: Readonly<Record<RegistrationObstacle, string>> = {
  registration_unsupported:
    'This vendor’s webhook cannot be set up from here. Follow the steps of its setupInstructions instead.',
  public_url_missing:
    'The service does not know the address under which vendors reach it. The operator sets it as PUBLIC_URL.',
  registration_in_progress: 'The webhook is being set up or removed at this moment. Try again in a minute.',
};

/** The webhook cannot be registered or removed, for a reason that the vendor has no part in. */
export class RegistrationObstacleError extends Error {
  override readonly name = 'RegistrationObstacleError';

  constructor(readonly obstacle: RegistrationObstacle) {
    super(REASONS[obstacle]);
  }
}

/** The vendor refused, or could not be asked. */
export class RegistrationFailedError extends Error {
  override readonly name = 'RegistrationFailedError';

  constructor(readonly details: AdapterErrorDetails) {
    super(details.hint);
  }
}

import { UnknownVendorError } from '../adapters/unknown-vendor.error.ts';
import { InvalidInputError } from '../connections/errors.ts';
import { SecretsUnreadableError } from '../secrets/secrets-unreadable.error.ts';
import { RegistrationFailedError, RegistrationObstacleError } from '../webhooks/registration.errors.ts';

/** Errors whose messages never contain a secret. */
const TELLING = [InvalidInputError, RegistrationObstacleError, SecretsUnreadableError, UnknownVendorError];

/** The reason of a failure in a form that is safe to log. */
export function failureReason(error: unknown): string {
  if (error instanceof RegistrationFailedError) return `${error.details.code}: ${error.message}`;
  if (!(error instanceof Error)) return typeof error;
  return TELLING.some((type) => error instanceof type) ? error.message : error.name;
}

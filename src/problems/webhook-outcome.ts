import {
  RegistrationFailedError,
  RegistrationObstacleError,
  WebhookNotFoundError,
  WebhookRejectedError,
  type UnauthenticatedReason,
  WebhookUnauthenticatedError,
  WebhookTooLargeError,
} from '@score-crm/connections';
import { ContentEncodingError } from '../webhooks/content-encoding.error.ts';
import type { Outcome } from './outcome.types.ts';
import { vendorOutcome } from './vendor-outcome.ts';

const REFUSALS: Readonly<Record<UnauthenticatedReason, string>> = {
  missing: 'missing_signature',
  invalid: 'invalid_signature',
  malformed: 'malformed_signature',
  not_configured: 'not_configured',
};

/** What a webhook's failure means to the vendor; undefined for any other error. */
export function webhookOutcome(error: unknown): Outcome | undefined {
  if (error instanceof WebhookNotFoundError) return { status: 404, code: 'not_found', detail: error.message };
  if (error instanceof WebhookUnauthenticatedError) {
    return { status: 401, code: REFUSALS[error.verdict], detail: error.message };
  }
  if (error instanceof WebhookRejectedError) return { status: 400, code: 'delivery_rejected', detail: error.message };
  if (error instanceof WebhookTooLargeError) return { status: 413, code: 'payload_too_large', detail: error.message };
  if (error instanceof ContentEncodingError) {
    return { status: 415, code: 'unsupported_media_type', detail: error.message };
  }
  if (error instanceof RegistrationObstacleError) {
    const status = error.obstacle === 'registration_in_progress' ? 409 : 422;
    return { status, code: error.obstacle, detail: error.message };
  }
  if (error instanceof RegistrationFailedError) {
    return vendorOutcome('webhook_registration_failed', error.details);
  }
  return undefined;
}

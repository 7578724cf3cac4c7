import { AdapterError } from '@score-crm/adapter-kit';

/** The error of a call that was not about a message, but about the webhook. */
export function registrationError(error: unknown): unknown {
  if (!(error instanceof AdapterError)) return error;
  const { pointer: _ofAMessage, ...details } = error.details;
  if (['settings', 'connect', 'tls', 'authenticate', 'webhook'].includes(details.stage)) return error;
  const refused = details.code === 'invalid_request' && (details.status === 400 || details.status === 422);
  return new AdapterError({
    ...details,
    stage: 'webhook',
    ...(refused ? { fault: 'configuration', hint: 'SparkPost refused the webhook. Read its reply.' } : {}),
  });
}

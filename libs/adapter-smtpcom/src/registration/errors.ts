import { AdapterError, registrationCallError } from '@score-crm/adapter-kit';
import type { Callback } from './channel-callbacks.ts';
import { placeOf } from './ownership.ts';

const OURS = { stage: 'webhook', fault: 'configuration', retryable: false } as const;

/** There is one callback for each event: replacing it would disconnect another system. */
export function conflict(foreign: readonly Callback[], channel: string): AdapterError {
  const list = foreign.map((callback) => `${callback.event} (${placeOf(callback)})`).join(', ');
  return new AdapterError({
    ...OURS,
    code: 'webhook_conflict',
    hint: `The channel “${channel}” already has callbacks of another system for: ${list}. Remove them at SMTP.com, which has only one per event, or use a separate channel.`,
  });
}

export function tokenMissing(): AdapterError {
  return new AdapterError({
    ...OURS,
    code: 'invalid_request',
    hint: 'The connection has no webhook token. Save the connection again to generate one.',
    pointer: '/webhookToken',
  });
}

/** Converts a failure of a call about callbacks: a rejection concerns the configuration, and no message. */
export function callbackError(error: unknown): unknown {
  const failure = registrationCallError(error);
  if (!(failure instanceof AdapterError) || failure.details.fault !== 'sender') return failure;
  const hint =
    'SMTP.com rejected the callback URL. Read its reply; the URL must be reachable from the internet by HTTPS.';
  return new AdapterError({ ...failure.details, fault: 'configuration', hint });
}

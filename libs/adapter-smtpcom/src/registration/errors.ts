import { AdapterError, registrationCallError } from '@score-crm/adapter-kit';
import type { Callback } from './channel-callbacks.ts';
import { placeOf } from './ownership.ts';

const OURS = { stage: 'webhook', fault: 'configuration', retryable: false } as const;

/** There is one callback for each event: taking it would take it from somebody. */
export function conflict(foreign: readonly Callback[], channel: string): AdapterError {
  const list = foreign.map((callback) => `${callback.event} (${placeOf(callback)})`).join(', ');
  return new AdapterError({
    ...OURS,
    code: 'webhook_conflict',
    hint: `The channel “${channel}” already has callbacks of another system for: ${list}. SMTP.com keeps one for each event, so nothing was changed. Remove them there, or use a channel of its own.`,
  });
}

export function tokenMissing(): AdapterError {
  return new AdapterError({
    ...OURS,
    code: 'invalid_request',
    hint: 'The connection has no webhook token. Save it once more, and one is made.',
    pointer: '/webhookToken',
  });
}

/** A failure of a call about callbacks: of a refusal, the configuration is at fault and no message. */
export function callbackError(error: unknown): unknown {
  const failure = registrationCallError(error);
  if (!(failure instanceof AdapterError) || failure.details.fault !== 'sender') return failure;
  const hint =
    'SMTP.com refused the callback. Read its reply. The address must lead to this service from the internet, by https.';
  return new AdapterError({ ...failure.details, fault: 'configuration', hint });
}

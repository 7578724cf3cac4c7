import type { ParsedEvent } from '../../events/email-event.ts';
import { parseJson } from '../../json/lossless-json.ts';
import { MalformedWebhookError } from '../../webhooks/malformed-webhook.error.ts';
import type { WebhookReceiver, WebhookRequest } from '../../webhooks/webhook-receiver.ts';

/** Returns the result of parsing a request, or `malformed` if parsing throws that. Any other error is passed on. */
export function parsed(receiver: WebhookReceiver, request: WebhookRequest): readonly ParsedEvent[] | 'malformed' {
  try {
    return receiver.parse(request);
  } catch (error) {
    if (error instanceof MalformedWebhookError) return 'malformed';
    throw error;
  }
}

/** The form of expectations: as JSON, without the raw form of events. */
export function writtenForm(outcome: readonly ParsedEvent[] | 'malformed'): unknown {
  if (outcome === 'malformed') return outcome;
  const written = outcome.map((one) => (one.ok ? { ...one, event: { ...one.event, raw: undefined } } : one));
  return JSON.parse(JSON.stringify(written));
}

export function rawOf(one: ParsedEvent): unknown {
  return one.ok ? one.event.raw : one.raw;
}

/** The parsed bytes, if they are JSON. */
export function jsonOf(body: Uint8Array): { readonly json: unknown } | undefined {
  try {
    return { json: parseJson(new TextDecoder().decode(body)) };
  } catch {
    return undefined;
  }
}

import type { FeedKind, WebhookAttempt, WebhookEndpoint, WebhookMessage } from '../api/types.ts';
import { FEED_KINDS } from '../connections/events/event-words.ts';
import { codeInWords } from '../connections/test/failure-words.ts';
import { type Look, MESSAGE_STATES } from './message-states.ts';

/** A message that waits for another attempt is not one that waits for its first. */
export function lookOfMessage({ state, attempts }: WebhookMessage): Look {
  return state === 'pending' && attempts.length > 0 ? { label: 'Retrying', tone: 'warn' } : MESSAGE_STATES[state];
}

export function contentInWords({ type, events }: WebhookMessage): string {
  if (type === 'webhook.test') return 'Test message';
  return events === 1 ? '1 event' : `${String(events)} events`;
}

/** What became of an attempt. */
export function attemptInWords({ status, error }: Pick<WebhookAttempt, 'status' | 'error'>): string {
  if (status !== null) return `Status ${String(status)}`;
  return error === 'events_deleted' ? 'Events no longer stored' : codeInWords(error ?? 'unexpected');
}

export function lookOfEndpoint({ state, stateReason, failingSince }: WebhookEndpoint): Look {
  if (state === 'disabled') return { label: 'Disabled', tone: stateReason === 'user' ? 'neutral' : 'bad' };
  return failingSince === null ? { label: 'Enabled', tone: 'ok' } : { label: 'Failing', tone: 'warn' };
}

type Reason = NonNullable<WebhookEndpoint['stateReason']>;

export const REASONS: Readonly<Record<Reason, string>> = {
  user: 'Disabled by a user. It receives nothing until you enable it.',
  gone: 'Disabled by the service, because the endpoint responded 410 Gone.',
  failing: 'Disabled by the service, because all attempts to deliver a message failed for 3 days.',
};

export function kindsInWords(kinds: readonly FeedKind[] | null): string {
  return kinds === null ? 'All events' : kinds.map((kind) => FEED_KINDS[kind].label).join(', ');
}

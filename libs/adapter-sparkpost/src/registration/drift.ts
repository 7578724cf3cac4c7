import { sameSecret } from '@score-crm/adapter-kit';
import { REGISTERED_EVENTS } from './registered-events.ts';
import type { WebhookEntry } from './webhook-entry.ts';

export interface Wanted {
  readonly target: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Returns how an entry differs from what would be registered now. Additional events do no harm: they are not counted.
 */
export function driftOf(entry: WebhookEntry, wanted: Wanted): readonly string[] {
  const missing = REGISTERED_EVENTS.filter((event) => !entry.events.includes(event));
  return [
    ...(entry.target === wanted.target ? [] : ['SparkPost posts to a different URL.']),
    ...(entry.active ? [] : ['The webhook is disabled at SparkPost.']),
    ...(missing.length === 0 ? [] : [`SparkPost does not report these events: ${missing.join(', ')}.`]),
    ...(hasLogin(entry, wanted) ? [] : ['SparkPost does not use this connection’s webhook username and password.']),
  ];
}

function hasLogin({ authType, username = '', password = '' }: WebhookEntry, wanted: Wanted): boolean {
  return authType === 'basic' && username === wanted.username && sameSecret(password, wanted.password);
}

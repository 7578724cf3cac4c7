import { sameSecret } from '@score-crm/adapter-kit';
import { REGISTERED_EVENTS } from './registered-events.ts';
import type { WebhookEntry } from './webhook-entry.ts';

export interface Wanted {
  readonly target: string;
  readonly username: string;
  readonly password: string;
}

/** How an entry differs from what would be registered now. More events than ours do no harm: they are not counted. */
export function driftOf(entry: WebhookEntry, wanted: Wanted): readonly string[] {
  const missing = REGISTERED_EVENTS.filter((event) => !entry.events.includes(event));
  return [
    ...(entry.target === wanted.target ? [] : ['It posts to another address.']),
    ...(entry.active ? [] : ['It is switched off.']),
    ...(missing.length === 0 ? [] : [`It leaves events out: ${missing.join(', ')}.`]),
    ...(hasLogin(entry, wanted) ? [] : ['It does not log in with the user name and password of this connection.']),
  ];
}

function hasLogin({ authType, username = '', password = '' }: WebhookEntry, wanted: Wanted): boolean {
  return authType === 'basic' && username === wanted.username && sameSecret(password, wanted.password);
}

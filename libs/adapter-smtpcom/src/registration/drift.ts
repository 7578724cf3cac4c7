import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { eventAddress } from '../webhooks/callback-address.ts';
import { REGISTERED_EVENTS } from '../webhooks/vendor-events.ts';
import type { Callback } from './channel-callbacks.ts';

/** Returns the differences from what would be registered now, each as a sentence. */
export function driftOf(
  found: readonly Callback[],
  isOurs: (callback: Callback) => boolean,
  url: string,
  settings: SmtpcomSettings,
): readonly string[] {
  const old = found.filter(
    (callback) => isOurs(callback) && callback.address !== eventAddress(url, settings, callback.event),
  );
  const foreign = found.filter((callback) => !isOurs(callback));
  const missing = REGISTERED_EVENTS.filter((event) => !found.some((callback) => callback.event === event));
  return [
    ...sentenceAbout('SMTP.com has no callback for', missing),
    ...sentenceAbout('Another system has the callback for', eventsOf(foreign)),
    ...sentenceAbout('SMTP.com posts to an earlier URL of this connection for', eventsOf(old)),
  ];
}

function eventsOf(callbacks: readonly Callback[]): readonly string[] {
  return callbacks.map(({ event }) => event);
}

function sentenceAbout(what: string, events: readonly string[]): readonly string[] {
  return events.length === 0 ? [] : [`${what}: ${events.join(', ')}.`];
}

import { type EventKind, type JsonItem, textOf } from '@score-crm/adapter-kit';

/**
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types
 * `failed` is two kinds, which its severity tells apart. What is not in here is `unknown`: `stored`, which is of incoming
 * mail, and what happens to mailing lists.
 */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['accepted', 'queued'],
  ['rejected', 'rejected'],
  ['delivered', 'delivered'],
  ['failed temporary', 'deferred'],
  ['failed permanent', 'bounced'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['unsubscribed', 'unsubscribed'],
  ['complained', 'complained'],
]);

/** Those that a person causes, or a machine in his place. */
export const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'unsubscribed', 'complained']);

/** The vendor's name of an event, with the severity where there is one. */
export function nameOf(data: JsonItem): string | undefined {
  const event = textOf(data, 'event');
  return event === 'failed' ? `${event} ${textOf(data, 'severity') ?? ''}` : event;
}

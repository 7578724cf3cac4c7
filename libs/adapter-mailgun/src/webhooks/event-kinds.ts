import { type EventKind, type JsonItem, textOf } from '@score-crm/adapter-kit';

/**
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types `failed` is two kinds, distinguished by
 * its severity. Any other event is `unknown`: `stored`, for incoming mail, and events of mailing lists.
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

/** Events caused by a person, or by a machine acting for them. */
export const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'unsubscribed', 'complained']);

/** Returns the vendor's name of an event, with the severity if there is one. */
export function nameOf(data: JsonItem): string | undefined {
  const event = textOf(data, 'event');
  return event === 'failed' ? `${event} ${textOf(data, 'severity') ?? ''}` : event;
}

/** Events with the receiving server's reply. The reply to a bounce is its reason. */
export const REPLIED: ReadonlySet<EventKind> = new Set(['delivered', 'deferred']);

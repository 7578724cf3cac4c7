import type { EventKind } from '@score-crm/adapter-kit';

/**
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#events Any other event, such as
 * `account_status_change`, is `unknown`.
 */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['processed', 'queued'],
  ['deferred', 'deferred'],
  ['delivered', 'delivered'],
  ['bounce', 'bounced'],
  // Formerly an event; today a bounce of the type `blocked`.
  ['blocked', 'bounced'],
  ['dropped', 'rejected'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['spamreport', 'complained'],
  ['unsubscribe', 'unsubscribed'],
  ['group_unsubscribe', 'unsubscribed'],
  ['group_resubscribe', 'subscribed'],
]);

/** Events caused by a person: their `ip` is that person's. For all others it is the vendor's sending server. */
export const ENGAGEMENT: ReadonlySet<EventKind> = new Set([
  'opened',
  'clicked',
  'complained',
  'unsubscribed',
  'subscribed',
]);

/** Events with the receiving server's reply. The reply to a bounce is its reason. */
export const REPLIED: ReadonlySet<EventKind> = new Set(['delivered', 'deferred']);

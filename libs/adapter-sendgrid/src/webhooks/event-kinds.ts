import type { EventKind } from '@score-crm/adapter-kit';

/**
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#events
 * What is not in here, `account_status_change` among it, is `unknown`.
 */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['processed', 'queued'],
  ['deferred', 'deferred'],
  ['delivered', 'delivered'],
  ['bounce', 'bounced'],
  // Once an event, today a bounce of the type `blocked`.
  ['blocked', 'bounced'],
  ['dropped', 'rejected'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['spamreport', 'complained'],
  ['unsubscribe', 'unsubscribed'],
  ['group_unsubscribe', 'unsubscribed'],
  ['group_resubscribe', 'subscribed'],
]);

/** Those that a person causes: their `ip` is his, while that of the others is the vendor's sending server. */
export const ENGAGEMENT: ReadonlySet<EventKind> = new Set([
  'opened',
  'clicked',
  'complained',
  'unsubscribed',
  'subscribed',
]);

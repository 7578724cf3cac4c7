import type { EventKind } from '@score-crm/adapter-kit';

/**
 * By the vendor's types; the class of an event adds no information.
 * https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types
 *
 * Any other type is `unknown` and never counted: inbound mail (`relay_…`), A/B tests, the Ingest API, SMS, and
 * `initial_open` and `amp_initial_open`. These two come from a second pixel at the top of the message, so a reader who
 * sees the complete message causes both that one and `open`: one open would count as two.
 * https://support.sparkpost.com/docs/tech-resources/open-pixel-location
 */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['injection', 'queued'],
  ['delivery', 'delivered'],
  ['delay', 'deferred'],
  ['bounce', 'bounced'],
  ['out_of_band', 'bounced'],
  ['policy_rejection', 'rejected'],
  ['generation_rejection', 'rejected'],
  ['generation_failure', 'failed'],
  ['spam_complaint', 'complained'],
  ['open', 'opened'],
  ['amp_open', 'opened'],
  ['click', 'clicked'],
  ['amp_click', 'clicked'],
  ['list_unsubscribe', 'unsubscribed'],
  ['link_unsubscribe', 'unsubscribed'],
]);

/** Events whose `ip_address` is the reader's: for the others it is the receiving server. */
export const ENGAGEMENT: ReadonlySet<string> = new Set([
  'open',
  'initial_open',
  'click',
  'amp_open',
  'amp_initial_open',
  'amp_click',
  'link_unsubscribe',
]);

/** Events with the receiving server's reply. The reply to a bounce is its reason. */
export const REPLIED: ReadonlySet<EventKind> = new Set(['delivered', 'deferred']);

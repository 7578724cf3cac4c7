import type { EventKind } from '@score-crm/adapter-kit';

/**
 * The vendor's types; the class that an event is filed under does not tell more.
 * https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types
 *
 * What is not in here is `unknown` and never counted: inbound mail (`relay_…`), A/B tests, the Ingest API, SMS, and
 * `initial_open` and `amp_initial_open`. These two come from a second pixel at the top of the message, so that whoever sees
 * the whole message reports both that one and `open`: counted, one open would be two.
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

/** Those whose `ip_address` is the reader's: that of the others is the server that the mail went to. */
export const ENGAGEMENT: ReadonlySet<string> = new Set([
  'open',
  'initial_open',
  'click',
  'amp_open',
  'amp_initial_open',
  'amp_click',
  'link_unsubscribe',
]);

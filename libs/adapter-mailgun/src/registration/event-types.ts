/**
 * All types of events that a webhook can receive. Events of the two failure types both arrive as `failed`.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
export const EVENT_TYPES = [
  'accepted',
  'delivered',
  'opened',
  'clicked',
  'unsubscribed',
  'complained',
  'temporary_fail',
  'permanent_fail',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The maximum number of URLs per type of event. */
export const MAX_URLS = 3;

/**
 * Every type of event that a webhook can be told of. Events of the two failures both come as `failed`.
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

/** As many URLs as one type of event may have. */
export const MOST_URLS = 3;

// Undocumented behavior of the vendor, in one place: if Mailgun turns out to behave differently, change this file.

/**
 * The rejection of an empty message. The vendor documents this text; that the key is checked first follows from the
 * response to a call without parameters: https://github.com/mailgun/mailgun.js/issues/207
 */
export const NOTHING_TO_SEND = /parameter is missing|need at least one of/i;

/**
 * The maximum age of a signature. Requests are repeated for eight hours, and no page states whether they are signed
 * again. An older one than a day is not a repetition, but a signature that someone kept.
 */
export const MAX_SIGNATURE_AGE_MS = 24 * 60 * 60 * 1000;

/** A longer wait than this in “try again after” indicates a wrong clock. */
export const MAX_RATE_LIMIT_MS = 24 * 60 * 60 * 1000;

/**
 * Codes other than SMTP's, for messages that were not tried: the address bounced, unsubscribed or complained before.
 * Observed in events besides the documented reasons: https://github.com/anymail/django-anymail,
 * `anymail/webhooks/mailgun.py`
 */
export const SUPPRESSION_CODES: ReadonlySet<number> = new Set([605, 606, 607]);

/**
 * Undocumented reasons of failures, as observed in events: a rejection of the sender, and the end of a series of
 * deferrals.
 */
export const BLOCK_REASONS: ReadonlySet<string> = new Set(['espblock', 'blacklisted']);
export const GAVE_UP_REASONS: ReadonlySet<string> = new Set(['old', 'greylisted']);

/** The part before the `@` in the message ids of the console's “Test webhook”. */
export const CONSOLE_TEST_IDS: ReadonlySet<string> = new Set([
  '20130503182626.18666.16540',
  '20110215055645.25246.63817',
  '20130503192659.13651.20287',
]);

/**
 * Characters that may separate the URLs of webhooks to be removed. The vendor describes the call in two ways: a list of
 * URLs in one parameter, or one parameter for each. With a list, a part of the URL could match someone else's.
 * https://documentation.mailgun.com/docs/inboxready/api-reference/optimize/mailgun/webhooks/delete-v4-domains--domain--webhooks
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks/delete-v4-domains--domain--webhooks
 */
export const URL_SEPARATOR = ',';

/**
 * Addresses for which Mailgun finds the variables of a request. With a `+`, the message was sent to `%recipient%` instead:
 * https://github.com/mailgun/mailgun.js/issues/413. Whether it compares in any case is undocumented.
 */
export const FOUND_ADDRESS = /^[a-z0-9._@-]+$/;

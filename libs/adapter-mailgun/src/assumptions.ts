// What no page of the vendor confirms, in one place: if Mailgun turns out to behave otherwise, this is the file to change.

/**
 * How a message with nothing in it is refused. The vendor documents these words; that the key is looked at before them
 * follows from what happens to a call without any parameter: https://github.com/mailgun/mailgun.js/issues/207
 */
export const NOTHING_TO_SEND = /parameter is missing|need at least one of/i;

/**
 * How old a credentials may be. A post is repeated for eight hours, and no page says whether it is then signed anew. What is
 * older than a day is no repetition, but a credentials that somebody kept.
 */
export const LONGEST_PROOF_MS = 24 * 60 * 60 * 1000;

/** A longer wait than this in “try again after” is taken for a clock that is wrong. */
export const LONGEST_RATE_LIMIT_MS = 24 * 60 * 60 * 1000;

/**
 * Codes beyond SMTP's, for what was not even tried: the address bounced, unsubscribed or complained before. Seen in events
 * beside the documented reasons: https://github.com/anymail/django-anymail, `anymail/webhooks/mailgun.py`
 */
export const SUPPRESSION_CODES: ReadonlySet<number> = new Set([605, 606, 607]);

/**
 * Reasons of failures that the vendor's pages show nowhere, as they are seen in events: a refusal of the sender, and the
 * end of a row of deferrals.
 */
export const BLOCK_REASONS: ReadonlySet<string> = new Set(['espblock', 'blacklisted']);
export const GAVE_UP_REASONS: ReadonlySet<string> = new Set(['old', 'greylisted']);

/** What stands before the `@` in the message ids of what the console's “Test webhook” posts. */
export const CONSOLE_TEST_IDS: ReadonlySet<string> = new Set([
  '20130503182626.18666.16540',
  '20110215055645.25246.63817',
  '20130503192659.13651.20287',
]);

/**
 * What may part the addresses of webhooks that are to be removed. Of the vendor's two descriptions of the call, one has a list
 * of addresses in one parameter, the other a parameter for each. Of a list, somebody else's address might be a part.
 * https://documentation.mailgun.com/docs/inboxready/api-reference/optimize/mailgun/webhooks/delete-v4-domains--domain--webhooks
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks/delete-v4-domains--domain--webhooks
 */
export const URL_SEPARATOR = ',';

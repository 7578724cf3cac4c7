// What Postmark does not document, or documents in several ways. Nothing here was tried against an account.

/** The name in the credentials of webhook requests. Postmark accepts any. */
export const WEBHOOK_USER = 'score-crm';

/**
 * The words before the addresses that Postmark no longer sends to, in the response to an accepted message and in error
 * 406, up to a sentence about inactive recipients. Clients in production read them in this way
 * (https://github.com/ActiveCampaign/postmark.js, `src/client/errors`), possibly broken into lines.
 */
export const INACTIVE_ADDRESSES = /inactive addresses:\s*([^]*?)(?:\.\s*Inactive|\.?\s*$)/i;

/** How error 300 names the field at fault: `Invalid 'To' address: …`, `Error parsing 'Cc': …`. */
export const NAMED_ADDRESS = /(?:invalid|error parsing) '(to|cc|bcc|from)'/i;
export const NAMED_REPLY_TO = /(?:invalid|error parsing) 'reply-?to'/i;

/** Without this, a test of an address in a subdomain of a verified domain is skipped, since it may be allowed. */
export const SUBDOMAINS_MAY_SEND = true;

/** The fields with the time of an event. Each kind of event has one of them. */
export const TIMES = ['DeliveredAt', 'BouncedAt', 'ReceivedAt', 'ChangedAt'] as const;

/** Posts to a webhook without this are the older API's, or inbound mail that was directed here. */
export const INBOUND_FIELD = 'FromFull';

/** The message of the events that Postmark posts to verify a webhook. Their content is not documented. */
export const SAMPLE_MESSAGE_ID = '00000000-0000-0000-0000-000000000000';

import type { BounceClass } from '@score-crm/adapter-kit';

// Undocumented behavior of the vendor, in one place: if SMTP.com turns out to behave differently, change this file.

// --- The API ---

/** The OpenAPI file writes some paths with a trailing slash. Both forms seem to work; these are those of the file. */
export const PATHS = {
  account: '/v4/account/',
  channels: '/v4/channels/',
  messages: '/v4/messages',
  callbacks: '/v4/callbacks/',
} as const;

/** The status of an account or channel that can send. `canceled` is documented too; others are not. */
export const ACTIVE = 'active';

/** The statuses for a missing channel, or a missing callback for an event. Only 400 was observed, for callbacks. */
export const NOT_THERE: ReadonlySet<number> = new Set([400, 404]);

/** Words of a rejection (400) that concern the sender's address or domain. No example is published. */
export const UNVERIFIED_SENDER = /verif|allow|permit|authori[sz]|regist|domain/i;

/** Words of a rejection that concern the quota of the channel or account. No example is published. */
export const QUOTA = /\bquota\b|limit (?:is )?(?:exceeded|reached)/i;

// --- Messages ---

/**
 * Custom headers contain the metadata, and invalid JSON is silently ignored. To avoid folding, it must fit on one line
 * (RFC 5322, 2.1.1). The vendor states no limit.
 */
export const METADATA_LINE = 998 - 'X-SMTPAPI: '.length;

/**
 * Clients in production send the content of attachments as base64 in lines and name the encoding, which is
 * undocumented.
 */
export const ATTACHMENT_LINE = 76;

// --- Callbacks ---

/**
 * The vendor does not sign requests. If a signing key is set anyway, this header must contain the HMAC-SHA-256 of the
 * body, in hexadecimal or base64, optionally prefixed with `sha256=`. The name follows the vendor's other headers.
 */
export const SIGNATURE_HEADER = 'x-smtpcom-signature';

/**
 * The field with the id that the API returned for the message. Clients in production rely on their equality; no page
 * documents it. Delivered mail has an `X-SMTPCOM-Tracking-Number` and a different `X-SMTPCOM-Message-ID`.
 */
export const MESSAGE_ID = 'tracking_id';

/** The format of an event's id. Anything else is a unique argument of the sender with the same name. */
export const EVENT_ID = /^[0-9a-f-]{32,36}$/i;

/**
 * Parts of the labels of events, in lowercase and without separators; the first match wins. Documented are `bounce`,
 * `complaint` and `delivery`; the others are guessed from the names by which events are registered.
 */
export const LABELS = [
  [/hardbounce/, 'hard_bounced'],
  [/bounceback/, 'bounceback'],
  [/bounce|fail|undeliver/, 'failed'],
  [/deliver/, 'delivered'],
  [/complain|abuse|spam/, 'complained'],
  [/unsub|remove/, 'unsubscribed'],
  [/open/, 'opened'],
  [/click/, 'clicked'],
  [/queue|defer/, 'queued'],
  [/receiv|accept/, 'received'],
] as const;

/**
 * One of these is at the top of every event, labeled or not, and of no other vendor's. Observed for bounces and the
 * start of `received`; the other events are not published.
 */
export const OWN_FIELDS = [MESSAGE_ID, 'rcpt_to', 'sender_id', 'msg_id'] as const;

/** The fields for the time of an event; the first that is present wins. Opens and clicks are named as in the API. */
export const TIMES = [
  'open_time',
  'click_time',
  'unsub_time',
  'report_time',
  'time_finished',
  'time_received',
  'time_started',
  'time_sent',
  'event_time',
  'timestamp',
  'time',
] as const;

/** Fields of opens and clicks, by their names in the API and in the old format. */
export const READER = { userAgent: ['user_agent', 'ua'], ip: ['remote_ip', 'ip'], url: ['url', 'link'] } as const;

/**
 * The vendor's own fields of an event, which no page lists completely. The sender's unique arguments are next to them, on
 * the same level.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide, https://kb.smtp.com/article/2136
 */
export const RESERVED_FIELDS: ReadonlySet<string> = new Set(
  [MESSAGE_ID, ...TIMES, ...Object.values(READER).flat()].concat(
    ['channel', 'event', 'event_code', 'event_label', 'feedback_type', 'id', 'mail_from', 'msg_id', 'rcpt_to'],
    ['resolution', 'sender_id', 'status', 'subject', 'tries'],
  ),
);
/** The beginnings of other fields of the vendor. */
export const RESERVED_FAMILIES = /^(?:event|feedback|resp|time|tracking)_/;

/** The feedback type of a complaint that is a request to be removed. */
export const REMOVAL = 'remove';

/**
 * `resp_class` looks like the bounce classes of Momentum, whose numbers these are.
 * https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
 */
export const RESPONSE_CLASSES: ReadonlyMap<string, BounceClass> = new Map<string, BounceClass>([
  ['10', 'hard'],
  ['20', 'soft'],
  ['21', 'soft'],
  ['22', 'soft'],
  ['23', 'soft'],
  ['24', 'soft'],
  ['25', 'admin'],
  ['30', 'hard'],
  ['40', 'soft'],
  ['50', 'block'],
  ['51', 'block'],
  ['52', 'block'],
  ['53', 'block'],
  ['54', 'block'],
  ['60', 'soft'],
  ['70', 'soft'],
  ['100', 'soft'],
]);

/** Possible texts of the vendor if it did not try, since the address is on one of its lists. */
export const SUPPRESSED = /\bsuppress/i;

/** Texts of servers about an address that does not exist. */
export const UNKNOWN_USER =
  /(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|invalid)|(?:unknown|no such|invalid) (?:user|recipient|mailbox|address|account)|(?:user|recipient|mailbox|address|account) (?:does not|doesn['’]t) exist/i;

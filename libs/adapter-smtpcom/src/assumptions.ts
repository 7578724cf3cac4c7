import type { BounceClass } from '@score-crm/adapter-kit';

// What no page of the vendor confirms, in one place: if SMTP.com turns out to behave otherwise, this is the file to change.

// --- The API ---

/** The OpenAPI file writes some paths with a slash at their end. Both forms seem to work; these are its own. */
export const PATHS = {
  account: '/v4/account/',
  channels: '/v4/channels/',
  messages: '/v4/messages',
  callbacks: '/v4/callbacks/',
} as const;

/** The status of an account or channel that may send. `canceled` is documented too, others are not. */
export const ACTIVE = 'active';

/** What an API answers that has no channel of a name, or no callback for an event. Only 400 was seen, and of callbacks. */
export const NOT_THERE: ReadonlySet<number> = new Set([400, 404]);

/** Words of a refusal (400) that concern the sender's address or domain. No example is published. */
export const UNVERIFIED_SENDER = /verif|allow|permit|authori[sz]|regist|domain/i;

/** Words of a refusal that concern the quota of channel or account. No example is published. */
export const QUOTA = /\bquota\b|limit (?:is )?(?:exceeded|reached)/i;

// --- Messages ---

/**
 * Custom headers carry the metadata, and JSON that cannot be read is ignored without a word. So that nobody need fold it,
 * it must fit on one line (RFC 5322, 2.1.1). The vendor states no limit.
 */
export const METADATA_LINE = 998 - 'X-SMTPAPI: '.length;

/** Clients in production send the content of attachments as base64 in lines, and name the encoding, which is not documented. */
export const ATTACHMENT_LINE = 76;

// --- Callbacks ---

/**
 * The vendor signs nothing. Where a signing key is set all the same, this header must hold the HMAC-SHA-256 of the body,
 * in hexadecimal or base64, perhaps with `sha256=` before it. The name follows the vendor's other headers.
 */
export const SIGNATURE_HEADER = 'x-smtpcom-signature';

/**
 * The field that tells the id which the API gave the message. That the two are equal, clients in production rely on; no
 * page says so. Delivered mail has an `X-SMTPCOM-Tracking-Number` as well as another `X-SMTPCOM-Message-ID`.
 */
export const MESSAGE_ID = 'tracking_id';

/** What an id of an event looks like. Anything else is a unique argument of the sender's that hides it. */
export const EVENT_ID = /^[0-9a-f-]{32,36}$/i;

/**
 * What is in the labels of events, in lower case and without separators; the first that fits counts. Documented are
 * `bounce`, `complaint` and `delivery`; the others are guessed from the names that events are registered by.
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
 * One of these stands at the top of every event, labelled or not, and of no other vendor's. Seen of bounces, and of the
 * beginning of `received`; the other events are not published.
 */
export const OWN_FIELDS = [MESSAGE_ID, 'rcpt_to', 'sender_id', 'msg_id'] as const;

/** Where the time of an event stands: the first that there is. Opens and clicks are named as the API names them. */
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

/** Fields of opens and clicks, by the names that the API and the old format have for them. */
export const READER = { userAgent: ['user_agent', 'ua'], ip: ['remote_ip', 'ip'], url: ['url', 'link'] } as const;

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

/** What the vendor itself may say where it did not try, since the address is on a list of its own. */
export const SUPPRESSED = /\bsuppress/i;

/** What a server says of an address that does not exist. */
export const UNKNOWN_USER =
  /(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|invalid)|(?:unknown|no such|invalid) (?:user|recipient|mailbox|address|account)|(?:user|recipient|mailbox|address|account) (?:does not|doesn['’]t) exist/i;

import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  bounceDetails,
  contentDigest,
  type EmailEvent,
  type EventFacts,
  type EventKind,
  type EventMap,
  feedbackKind,
  firstOf,
  type JsonItem,
  MalformedWebhookError,
  mapEvent,
  parseJsonBatch,
  presentParts,
  sameSecret,
  type SampleEvent,
  sampleRequest,
  scalarOf,
  setupSteps,
  singleValue,
  textOf,
  textsOf,
  unixTime,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import {
  EVENT_ID,
  LABELS,
  MESSAGE_ID,
  OWN_FIELDS,
  READER,
  REMOVAL,
  RESERVED_FAMILIES,
  RESERVED_FIELDS,
  RESPONSE_CLASSES,
  SIGNATURE_HEADER,
  SUPPRESSED,
  TIMES,
  UNKNOWN_USER,
} from './assumptions.ts';
import type { SmtpcomSettings } from './smtpcom.settings.ts';

const TOKEN_PARAMETER = 'token';
const EVENT_PARAMETER = 'event';

/**
 * The events for which callbacks can be registered, their kinds, and what they report. Exceptions: a `queued` after an attempt is
 * deferred, and a bounce by the vendor's own rules is rejected.
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, /v4/callbacks/{event}
 */
const VENDOR_EVENTS = {
  received: ['queued', 'messages that SMTP.com received'],
  delivered: ['delivered', 'messages that were delivered'],
  failed: ['bounced', 'messages that bounced'],
  hard_bounced: ['bounced', 'addresses that do not exist'],
  bounceback: ['bounced', 'failure notices that are returned later'],
  queued: ['queued', 'messages that wait for another attempt'],
  complained: ['complained', 'complaints about spam'],
  opened: ['opened', 'opens'],
  clicked: ['clicked', 'clicks'],
  unsubscribed: ['unsubscribed', 'unsubscriptions'],
} as const satisfies Readonly<Record<string, readonly [EventKind, string]>>;
export type VendorEvent = keyof typeof VENDOR_EVENTS;
const KINDS: ReadonlyMap<string, EventKind> = new Map(
  Object.entries(VENDOR_EVENTS).map(([name, [kind]]) => [name, kind]),
);

/** All kinds of events that items can become. */
export const EVENT_KINDS: readonly EventKind[] = [...KINDS.values(), 'deferred', 'rejected'];

/** The registered events: `received` adds nothing to the response to the message. */
export const REGISTERED_EVENTS = [...KINDS.keys()].filter(isVendorEvent).filter((name) => name !== 'received');

/** The codes of the old format. https://kb.smtp.com/article/2136 */
const CODES: ReadonlyMap<string, VendorEvent> = new Map(
  Object.entries({ 101: 'failed', 102: 'complained', 103: 'delivered', 107: 'opened', 108: 'clicked' } as const),
);

const EVENTS: Omit<EventMap, 'name'> = {
  kinds: KINDS,
  kind: kindOf,
  time: (item) => TIMES.map((field) => vendorTime(scalarOf(item, field))).find((time) => time !== undefined),
  recipient: 'rcpt_to',
  messageId: MESSAGE_ID,
  // The old format has none.
  vendorEventId: (item) => EVENT_ID.exec(textOf(item, 'id') ?? '')?.[0],
  bounce: (item, { name }) => (KINDS.get(name) === 'bounced' ? bounceOf(item, name) : undefined),
  reply: 'resp_msg',
  url: (item) => firstOf(item, READER.url),
  userAgent: (item) => firstOf(item, READER.userAgent),
  ip: (item) => firstOf(item, READER.ip),
  metadata: (item) => textsOf(item, (name) => !isReservedField(name)),
  deduplicationKey: deduplicationKeyOf,
  mayChangeTime: ({ name }) => BOUNCES.has(name),
};

/**
 * The callbacks. SMTP.com does not sign requests, so they are authenticated by a token in the URL and, if a signing key
 * is set, by a signature as well.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide
 */
export function smtpcomWebhooks(registration: WebhookRegistration<SmtpcomSettings>) {
  return {
    authentication: 'shared-secret',
    // A request contains up to 1,000 events, a number that the vendor may change.
    bodyLimit: 8 * 1024 * 1024,
    parameters: [EVENT_PARAMETER],
    registration,
    authenticateHead,
    authenticate: (request, settings) => {
      const verdict = authenticateHead(request, settings);
      return verdict === 'needs_body' ? verifySignature(request, settings.webhookSigningKey ?? '') : verdict;
    },

    parse: ({ query, body }) => {
      // An invalid parameter, or one that occurs twice, is ignored.
      const parameter = singleValue(query[EVENT_PARAMETER]) ?? '';
      const registered = isVendorEvent(parameter) ? parameter : undefined;
      const map = { ...EVENTS, name: (item: JsonItem) => vendorEventOf(item, registered) ?? labelOf(item) };
      return parseJsonBatch(batchIn(body), (item) => mapEvent(item, map));
    },

    sample: ({ settings: { webhookToken = '', webhookSigningKey = '' }, events }) => {
      const request = sampleRequest(events.map(sampleItem), { query: { [TOKEN_PARAMETER]: webhookToken } });
      const signature = createHmac('sha256', webhookSigningKey).update(request.body).digest('hex');
      const headers = webhookSigningKey === '' ? {} : { [SIGNATURE_HEADER]: signature };
      return { requests: [{ ...request, headers: { ...request.headers, ...headers } }] };
    },

    address: addressWithToken,

    /** The steps of the manual setup. The names are those of older pages: current ones may differ. */
    setupInstructions: (url, settings) =>
      setupSteps({
        'Open the channel': `Log in to my.smtp.com, go to Channels (or Senders) and open “${settings.channel}”.`,
        'Find its callbacks':
          'They are called Callbacks, Notifications or Webhooks. Each event has a separate callback, and each callback a separate URL, below. If another system uses the callback of an event, do not replace it: there is only one for each event.',
        ...Object.fromEntries(
          REGISTERED_EVENTS.map((event) => callbackStep(event, eventAddress(url, settings, event))),
        ),
        'If there is one URL for all events': [
          'Older pages have a single URL and a checkbox for each event. Paste this URL there, and check all of the events.',
          addressWithToken(url, settings),
        ],
        'Check the tracking settings':
          'Opens, clicks and unsubscribes are reported only if they are tracked, which is a setting of the channel.',
        'Test it':
          'Send a message through this connection. Its events appear here; the channel’s callback log shows the requests that SMTP.com made.',
      }),
  } satisfies WebhookReceiver<SmtpcomSettings>;
}

function callbackStep(event: VendorEvent, address: string) {
  const text = `It reports ${VENDOR_EVENTS[event][1]}. Choose the medium HTTP, paste this URL and save.`;
  return [`Callback for “${event}”`, [text, address]] as const;
}

/** The URL with the token that authenticates requests. The settings ensure that it needs no encoding. */
function addressWithToken(url: string, { webhookToken = '' }: SmtpcomSettings): string {
  return webhookToken === '' ? url : `${url}?${TOKEN_PARAMETER}=${webhookToken}`;
}

/** The registered URL: each event has a separate callback, and its URL names the event. */
export function eventAddress(url: string, settings: SmtpcomSettings, event: VendorEvent): string {
  const address = addressWithToken(url, settings);
  return `${address}${address === url ? '?' : '&'}${EVENT_PARAMETER}=${event}`;
}

export function isVendorEvent(name: string): name is VendorEvent {
  return Object.hasOwn(VENDOR_EVENTS, name);
}

/** Whether an event's field of this name belongs to the vendor and is not a unique argument of the sender. */
export function isReservedField(name: string): boolean {
  return RESERVED_FIELDS.has(name) || RESERVED_FAMILIES.test(name);
}

/** Parses a time in Unix seconds, as in events, or in RFC 2822 format, as in some responses of the API. */
export function vendorTime(value: string | undefined): Date | undefined {
  const unix = unixTime(value);
  const isText = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? [+-]\d{4}$/.test(value ?? '');
  if (unix !== undefined || !isText) return unix;
  const milliseconds = Date.parse(value ?? '');
  return milliseconds > 0 ? new Date(milliseconds) : undefined;
}

function authenticateHead({ query, headers }: WebhookHead, settings: SmtpcomSettings) {
  const { webhookToken = '', webhookSigningKey = '' } = settings;
  if (webhookToken === '') return 'not_configured';
  const token = singleValue(query[TOKEN_PARAMETER]);
  if (token === '') return 'missing';
  if (token === undefined || !sameSecret(token, webhookToken)) return 'invalid';
  if (webhookSigningKey === '') return 'verified';
  return singleValue(headers[SIGNATURE_HEADER]) === '' ? 'missing' : 'needs_body';
}

/** https://kb.smtp.com/article/2331-integration-and-callbacks-guide */
function sampleItem({ kind, id, at, recipient, messageId, metadata, reply, userAgent, ip }: SampleEvent): object {
  const status = { resp_code: Number.parseInt(reply, 10), resp_msg: reply };
  const details = {
    delivered: { event_label: 'delivery', ...status },
    bounced: { event_label: 'bounce', resp_class: '10', ...status },
    opened: { event_label: 'open', user_agent: userAgent, remote_ip: ip },
  };
  const message = { [MESSAGE_ID]: messageId, rcpt_to: recipient, time_finished: at.getTime() / 1000 };
  return { id, ...metadata, ...message, ...details[kind] };
}

/** The HMAC-SHA-256 of the body as bytes, with the UTF-8 bytes of the key, in hexadecimal or base64. */
function verifySignature({ headers, body }: WebhookRequest, key: string) {
  const value = singleValue(headers[SIGNATURE_HEADER]);
  if (value === '') return 'missing';
  if (value === undefined) return 'invalid';
  const text = value.replace(/^sha256=/i, '');
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  if (!isHex && !/^[A-Za-z0-9+/]{43}=$/.test(text)) return 'malformed';
  const digest = Buffer.from(text, isHex ? 'hex' : 'base64');
  return timingSafeEqual(digest, createHmac('sha256', key).update(body).digest()) ? 'verified' : 'invalid';
}

/**
 * Returns the JSON of a body: an array, as documented, or a form with that array as the text of one of its fields, as the
 * old format may have been sent.
 */
function batchIn(body: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(body).trim();
  const isJson = (value: string): boolean => /^[[{]/.test(value.trim());
  if (text === '' || isJson(text)) return body;
  const value = [...new URLSearchParams(text).values()].find(isJson);
  if (value === undefined) throw new MalformedWebhookError('The body is neither JSON nor a form that contains JSON.');
  return Buffer.from(value);
}

/** Returns an item's own name for its event, if it has one. */
function labelOf(item: JsonItem): string | undefined {
  return textOf(item, 'event_label')?.toLowerCase() ?? scalarOf(item, 'event_code');
}

/**
 * Returns the event of an item: by its label, by the code of the old format, or else by the event of the callback that
 * received it. One label covers several events; the callback then determines which.
 * @param registered the event that the URL was registered for
 */
function vendorEventOf(item: JsonItem, registered: VendorEvent | undefined): VendorEvent | undefined {
  const label = (textOf(item, 'event_label') ?? '').toLowerCase().replace(/[\s_-]+/g, '');
  const named = LABELS.find(([stem]) => stem.test(label))?.[1] ?? CODES.get(scalarOf(item, 'event_code') ?? '');
  // Another vendor's item that was posted here is not an event of this URL.
  const isOwn = OWN_FIELDS.some((field) => item[field] !== undefined);
  const event = named ?? (isOwn ? registered : undefined);
  if (event === 'failed' && (registered === 'hard_bounced' || registered === 'bounceback')) return registered;
  if (event !== 'complained') return event;
  const feedback = textOf(item, 'feedback_type')?.toLowerCase() ?? (registered === 'unsubscribed' ? REMOVAL : '');
  return feedback === REMOVAL || feedbackKind(feedback) === 'unsubscribed' ? 'unsubscribed' : 'complained';
}

function kindOf(item: JsonItem, { name, kind }: EventFacts): EventKind {
  // The vendor itself did not try.
  if (KINDS.get(name) === 'bounced' && bounceOf(item, name).class === 'admin') return 'rejected';
  if (kind === 'complained') return feedbackKind(textOf(item, 'feedback_type'));
  if (name !== 'queued') return kind;
  // Reported for messages that wait for their first attempt, and for messages that wait for another one.
  const isRefused = /^4\d\d$/.test(scalarOf(item, 'resp_code') ?? '') || /defer/.test(labelOf(item) ?? '');
  return isRefused || Number(scalarOf(item, 'tries') ?? 0) >= 1 ? 'deferred' : kind;
}

function bounceOf(item: JsonItem, name: string): Bounce {
  const [reason, code, rule] = [textOf(item, 'resp_msg'), scalarOf(item, 'resp_code'), scalarOf(item, 'resp_class')];
  const reply = bounceDetails({ reason, code, rule });
  return { class: classOf(reply, name), ...reply };
}

function classOf(reply: Omit<Bounce, 'class'>, name: string): BounceClass {
  // A notice that is returned later may also be an automatic reply.
  if (name === 'bounceback') return 'soft';
  const known = classOfReply(reply);
  // The vendor's classification, unless the reply shows that the sender was rejected, which says nothing of the address.
  return name === 'hard_bounced' && known !== 'block' && known !== 'admin' ? 'hard' : known;
}

function classOfReply({ reason = '', rule = '', ...codes }: Omit<Bounce, 'class'>): BounceClass {
  if (SUPPRESSED.test(reason)) return 'admin';
  const byCodes = bounceClassOf(codes);
  // The first digit, of either code.
  const reach = String(codes.code ?? codes.enhancedCode).charAt(0);
  // The vendor's own classification takes precedence over the codes, but a temporary failure is never `hard`.
  const own = RESPONSE_CLASSES.get(rule);
  if (own !== undefined) return own === 'hard' && reach === '4' ? 'soft' : own;
  if (byCodes !== 'unknown') return byCodes;
  return UNKNOWN_USER.test(reason) && reach === '5' ? 'hard' : 'unknown';
}

const BOUNCES: ReadonlySet<string> = new Set(['failed', 'hard_bounced']);

/**
 * Most events have an id; those of the old format do not. A message bounces once at one recipient, however often it is
 * reported: `hard_bounced` follows `failed`. It is a separate event only if the second report is the first to classify
 * the address as hard, or to state that the vendor did not try it.
 */
function deduplicationKeyOf(
  item: JsonItem,
  { name }: EventFacts,
  { messageId: message = '', recipient = '', vendorEventId: id, occurredAt, bounce }: EmailEvent,
): readonly (string | number)[] {
  if (BOUNCES.has(name) && message !== '' && recipient !== '') {
    const isSeparate = bounce?.class === 'hard' || bounce?.class === 'admin';
    return ['bounced', message, recipient, isSeparate ? bounce.class : 'other'];
  }
  if (id !== undefined) return [name, message, recipient, id];
  // Without one of these, two events could otherwise be equal; and for an unknown event, the relevant fields are
  // unknown.
  const isVague = message === '' || recipient === '' || occurredAt === undefined || !isVendorEvent(name);
  // The types that the event's name includes: a complaint, and a request to be removed, which is a different event.
  const isNamed = ['spam', REMOVAL].includes(textOf(item, 'feedback_type')?.toLowerCase() ?? '');
  return [
    name,
    message,
    recipient,
    occurredAt?.getTime() ?? '',
    scalarOf(item, 'tries') ?? '',
    firstOf(item, READER.url) ?? '',
    firstOf(item, READER.userAgent) ?? '',
    ...(isVague ? [contentDigest(item)] : presentParts(item, isNamed ? READER.ip : [...READER.ip, 'feedback_type'])),
  ];
}

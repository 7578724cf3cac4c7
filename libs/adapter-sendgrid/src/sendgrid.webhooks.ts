import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  bounceDetails,
  contentDigest,
  type EmailEvent,
  EVENT_KINDS,
  type EventFacts,
  type EventKind,
  type EventMap,
  type JsonItem,
  mapEvent,
  parseJsonBatch,
  presentParts,
  type SampleEvent,
  sampleRequest,
  scalarOf,
  setupSteps,
  singleValue,
  type StatusCodes,
  tagsOf,
  textOf,
  textsOf,
  unixTime,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { EXPIRED_BOUNCE, INTEGRATION_TEST, SMTP_ID_OF_THE_API } from './assumptions.ts';
import { parseVerificationKey, type SendgridSettings, strictBase64 } from './sendgrid.settings.ts';

const SIGNATURE_HEADER = 'x-twilio-email-event-webhook-signature';
const TIMESTAMP_HEADER = 'x-twilio-email-event-webhook-timestamp';
const DER_SEQUENCE = 0x30;

/** In Node's thread pool: a verification takes longer than everything else that is done with a small request. */
const verifyLater = promisify(verify);

/**
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#events Any other event, such as
 * `account_status_change`, is `unknown`.
 */
export const KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['processed', 'queued'],
  ['deferred', 'deferred'],
  ['delivered', 'delivered'],
  ['bounce', 'bounced'],
  // Formerly an event; today a bounce of the type `blocked`.
  ['blocked', 'bounced'],
  ['dropped', 'rejected'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['spamreport', 'complained'],
  ['unsubscribe', 'unsubscribed'],
  ['group_unsubscribe', 'unsubscribed'],
  ['group_resubscribe', 'subscribed'],
]);

/** Events caused by a person: their `ip` is that person's. For all others it is the vendor's sending server. */
const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'complained', 'unsubscribed', 'subscribed']);

/**
 * SendGrid's own classification takes precedence over the codes.
 * https://www.twilio.com/docs/sendgrid/ui/sending-email/bounces#bounce-classification In lowercase, since both occur.
 * `Unclassified` and other values are ambiguous, and `Mailbox Unavailable` covers both full and nonexistent mailboxes:
 * then the codes decide.
 */
const CLASSES: ReadonlyMap<string, BounceClass> = new Map<string, BounceClass>([
  ['invalid address', 'hard'],
  ['technical failure', 'soft'],
  ['content', 'block'],
  ['reputation', 'block'],
  ['frequency or volume too high', 'block'],
]);
const MAILBOX_UNAVAILABLE = 'mailbox unavailable';

/** The reasons of `dropped`. The vendor did not try the address, so none of them means that it does not exist. */
const DROPS: readonly (readonly [reason: RegExp, BounceClass])[] = [
  [/^(?:bounced|unsubscribed|spam reporting) address|^invalid$/i, 'admin'],
  [/^spam content/i, 'policy'],
  [/^recipient list over package quota|^invalid smtpapi header/i, 'admin'],
];

/**
 * The vendor's own fields of an event. Custom arguments are next to them, on the same level.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#event-objects
 */
const RESERVED_FIELDS = new Set(
  'asm_group_id attempt bounce_classification category cert_err email event ip mc_stats newsletter phase_id pool post_type reason response send_at smtp-id status template_id timestamp tls type url url_offset useragent'.split(
    ' ',
  ),
);
const RESERVED_FAMILIES = /^(?:sg_|nlvx_|marketing_campaign_|singlesend_)/;

/** Which of several equal links was clicked, and by whom: a forwarded message has several readers. */
const READER = ['url_offset', 'ip', 'useragent', 'sg_machine_open'];
/**
 * The suppression group that a recipient left or joined: leaving several groups at the same time is one event for each.
 */
const GROUP = ['asm_group_id', ...READER];

const EVENTS: EventMap = {
  name: 'event',
  kinds: KINDS,
  // One of the vendor's examples has milliseconds.
  time: (item) => unixTime(scalarOf(item, 'timestamp')),
  recipient: 'email',
  messageId: messageIdOf,
  vendorEventId: (item) => scalarOf(item, 'sg_event_id'),
  bounce: bounceOf,
  // The reply to a bounce is its reason.
  reply: ['response', 'reason'],
  url: 'url',
  urlKinds: new Set(EVENT_KINDS),
  userAgent: 'useragent',
  ip: 'ip',
  isEngagement: ({ kind }) => ENGAGEMENT.has(kind),
  machine: ({ sg_machine_open: machine }, { kind }) =>
    kind === 'opened' && typeof machine === 'boolean' ? machine : undefined,
  tags: ({ category }) => tagsOf(category),
  metadata: (item) => textsOf(item, (name) => !isReservedField(name)),
  isTest: isIntegrationTest,
  deduplicationKey: deduplicationKeyOf,
};

/**
 * The Event Webhook.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export function sendgridWebhooks(registration: WebhookRegistration<SendgridSettings>) {
  /** Importing a key takes longer than a verification, and the service passes the same settings for seconds. */
  const keys = new WeakMap<SendgridSettings, KeyObject>();
  return {
    authentication: 'signature',
    // The vendor sends a request at 768 KB or after 30 seconds; one that grew beyond that must not be lost.
    bodyLimit: 4 * 1024 * 1024,
    registration,
    authenticateHead,

    /**
     * ECDSA on P-256 with SHA-256 over the timestamp header and the bytes of the body, with nothing in between.
     *
     * The age of the timestamp is not checked: the vendor repeats requests for 24 hours and documents no window. A
     * replayed request contains only events that are known already.
     * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
     */
    async authenticate(request, settings) {
      const verdict = authenticateHead(request, settings);
      if (verdict !== 'needs_body') return verdict;
      const { headers, body } = request;
      const signature = singleValue(headers[SIGNATURE_HEADER]);
      const timestamp = singleValue(headers[TIMESTAMP_HEADER]);
      if (signature === undefined || timestamp === undefined) return 'invalid';
      const der = strictBase64(signature);
      if (der?.[0] !== DER_SEQUENCE || der[1] !== der.length - 2) return 'malformed';
      const key = keys.get(settings) ?? parseVerificationKey(settings.webhookSigningKey ?? '');
      if (key === undefined) return 'invalid';
      keys.set(settings, key);
      try {
        const signed = Buffer.concat([Buffer.from(timestamp), body]);
        return (await verifyLater('sha256', signed, key, der)) ? 'verified' : 'invalid';
      } catch {
        return 'invalid';
      }
    },

    parse: ({ body }) => parseJsonBatch(body, (item) => mapEvent(item, EVENTS)),

    /** Signed with a new key, since only SendGrid has its own. */
    sample: ({ events }) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { headers, ...request } = sampleRequest(events.map(sampleItem));
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), request.body]), privateKey);
      const signed = { ...headers, [SIGNATURE_HEADER]: signature.toString('base64'), [TIMESTAMP_HEADER]: timestamp };
      const webhookSigningKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      return { requests: [{ ...request, headers: signed }], settings: { webhookSigningKey } };
    },

    /** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook */
    setupInstructions: (url) =>
      setupSteps({
        'Open the event webhooks':
          'Log in to app.sendgrid.com and go to Settings, Mail Settings, Event Webhooks. If the API key belongs to a subuser, do this as that subuser.',
        'Create a webhook': [
          'Choose “Create new webhook”, enter a friendly name, leave it enabled and paste this URL as the Post URL. No other webhook of the account can have the same URL.',
          url,
        ],
        'Choose the events':
          'Select all deliverability events (Processed, Dropped, Deferred, Bounced, Delivered) and all engagement events (Opened, Clicked, Unsubscribed, Spam Reports, Group Unsubscribes, Group Resubscribes).',
        'Turn on signing':
          'Under security features, turn on Signed Event Webhook and save. On older pages it is a separate row, “Signed Event Webhook Requests”, with “Generate Verification Key”.',
        'Copy the verification key':
          'Open the webhook again, copy the Verification Key, paste it here as the webhook signing key and save the connection. Turning off signing at SendGrid destroys the key; you must then paste the new one.',
        'Test it': 'Choose “Test Integration” at SendGrid. The test event appears here within a minute.',
        'Check the tracking settings':
          'Opens and clicks are reported only if they are turned on under Settings, Tracking. Unsubscribes need Subscription Tracking.',
      }),
  } satisfies WebhookReceiver<SendgridSettings>;
}

function authenticateHead({ headers }: WebhookHead, { webhookSigningKey = '' }: SendgridSettings) {
  if (webhookSigningKey === '') return 'not_configured';
  const isSigned = [SIGNATURE_HEADER, TIMESTAMP_HEADER].every((name) => singleValue(headers[name]) !== '');
  return isSigned ? 'needs_body' : 'missing';
}

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#event-objects */
function sampleItem({ kind, id, at, recipient, messageId, metadata, reply, userAgent, ip }: SampleEvent): object {
  const details = {
    delivered: { event: 'delivered', response: reply },
    bounced: { event: 'bounce', type: 'bounce', status: '5.1.1', reason: reply },
    opened: { event: 'open', useragent: userAgent, ip, sg_machine_open: false },
  };
  const ids = { sg_event_id: id, sg_message_id: `${messageId}.recvd-sample` };
  return { ...metadata, email: recipient, timestamp: at.getTime() / 1000, ...ids, ...details[kind] };
}

/** Whether an event's field of this name belongs to the vendor and is not a custom argument of the sender. */
export function isReservedField(name: string): boolean {
  return RESERVED_FIELDS.has(name) || RESERVED_FAMILIES.test(name);
}

/**
 * Returns the id that `send` returned: the part of `sg_message_id` before the first dot, which the names of the
 * vendor's servers follow. An asynchronous bounce may have only the `smtp-id`.
 * https://github.com/sendgrid/docs/issues/6577
 */
function messageIdOf(item: JsonItem): string | undefined {
  const [id = ''] = textOf(item, 'sg_message_id')?.split('.', 1) ?? [];
  if (id !== '') return id;
  return SMTP_ID_OF_THE_API.exec(textOf(item, 'smtp-id') ?? '')?.[1];
}

/** Whether “Test Your Integration” created the event: one of each kind, for a message that never existed. */
function isIntegrationTest({ email, category }: JsonItem, { messageId }: EmailEvent): boolean {
  if (messageId === INTEGRATION_TEST.messageId) return true;
  const isItsCategory = Array.isArray(category) && category.length === 1 && category[0] === INTEGRATION_TEST.category;
  return email === INTEGRATION_TEST.recipient && isItsCategory;
}

function bounceOf(item: JsonItem, { kind }: EventFacts): Bounce | undefined {
  if (kind !== 'bounced' && kind !== 'rejected') return undefined;
  const reason = textOf(item, 'reason');
  const rule = (kind === 'bounced' ? textOf(item, 'bounce_classification') : undefined) ?? textOf(item, 'type');
  const details = bounceDetails({ reason, enhancedCode: textOf(item, 'status'), rule });
  if (kind === 'bounced') return { class: bounceClass(item, details), ...details };
  const known = DROPS.find(([pattern]) => pattern.test(reason ?? ''));
  return { class: known?.[1] ?? 'unknown', ...details };
}

function bounceClass(item: JsonItem, codes: StatusCodes): BounceClass {
  const type = textOf(item, 'type') ?? '';
  // The receiver rejected SendGrid's server or the sender. That never means a nonexistent address.
  // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#bounce
  if (type === 'blocked' || item['event'] === 'blocked') return 'block';
  const classification = textOf(item, 'bounce_classification')?.toLowerCase() ?? '';
  const own = CLASSES.get(classification);
  if (own !== undefined) return own;
  if (type === EXPIRED_BOUNCE) return 'soft';
  const byCodes = bounceClassOf(codes);
  if (byCodes !== 'unknown') return byCodes;
  const isPermanent = classification === MAILBOX_UNAVAILABLE && textOf(item, 'status')?.startsWith('5') === true;
  // The same page: `bounce` is a permanent rejection, and SendGrid no longer sends to the address.
  return type === 'bounce' || isPermanent ? 'hard' : 'unknown';
}

/**
 * The content of the event, since a repeated request may contain the same event under another `sg_event_id`.
 * https://github.com/sendgrid/sendgrid-nodejs/issues/1435
 */
function deduplicationKeyOf(
  item: JsonItem,
  { name, kind }: EventFacts,
  { messageId = textOf(item, 'smtp-id'), recipient = '', occurredAt }: EmailEvent,
): readonly (string | number)[] {
  // Without one of these, two events could otherwise be equal; and for an unknown kind, the relevant fields are
  // unknown.
  const isVague = messageId === undefined || occurredAt === undefined || kind === 'unknown';
  const { sg_event_id: _changes, ...rest } = item;
  return [
    messageId ?? '',
    recipient,
    name,
    occurredAt?.getTime() ?? '',
    textOf(item, 'url') ?? '',
    scalarOf(item, 'attempt') ?? '',
    textOf(item, 'reason') ?? '',
    ...(isVague ? [contentDigest(rest)] : presentParts(item, partsOf(name, kind))),
  ];
}

function partsOf(name: string, kind: EventKind): readonly string[] {
  // Other events name a group too, but occur only once.
  if (name.startsWith('group_')) return GROUP;
  if (ENGAGEMENT.has(kind)) return READER;
  // Several attempts can be reported within a second.
  return kind === 'deferred' ? ['response'] : [];
}

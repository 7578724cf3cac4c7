import {
  basicCredentials,
  basicVerdict,
  type Bounce,
  type BounceClass,
  bounceClassOf,
  bounceDetails,
  contentDigest,
  type EventFacts,
  type EventKind,
  type EventMap,
  feedbackKind,
  isJsonObject,
  type JsonItem,
  mapEvent,
  objectIn,
  type ParsedEvent,
  parseJsonBatch,
  rfc3339Time,
  type SampleEvent,
  sampleRequest,
  scalarOf,
  secretVerdict,
  setupSteps,
  tagsOf,
  textOf,
  textsOf,
  unixTime,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import { PREFETCHED, SAMPLE_EVENT_ID } from './assumptions.ts';
import type { SparkpostSettings } from './sparkpost.settings.ts';

/**
 * By the vendor's types; the class of an event adds no information.
 * https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types
 *
 * Any other type is `unknown` and never counted: inbound mail (`relay_…`), A/B tests, the Ingest API, SMS, and
 * `initial_open` and `amp_initial_open`. These two come from a second pixel at the top of the message, so a reader who
 * sees the complete message causes both that one and `open`: one open would count as two.
 * https://support.sparkpost.com/docs/tech-resources/open-pixel-location
 */
const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
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

/** The events to register: those that are counted. */
export const REGISTERED_EVENTS: readonly string[] = [...EVENT_KINDS.keys()];

/** Events whose `ip_address` is the reader's: for the others it is the receiving server. */
const ENGAGEMENT = /^(?:(?:amp_)?(?:initial_)?open|(?:amp_)?click|link_unsubscribe)$/;

/**
 * By the vendor's `bounce_class`: its name, with the categories in the last column of the vendor's table, and the kind
 * of a “bounce” of this class that is not a bounce.
 * https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
 */
const BOUNCE_CLASSES = new Map<string, readonly [name: string, category: BounceClass, kind?: EventKind]>([
  ['1', ['Undetermined', 'unknown']],
  ['10', ['Invalid Recipient', 'hard']],
  ['20', ['Soft Bounce', 'soft']],
  ['21', ['DNS Failure', 'soft']],
  ['22', ['Mailbox Full', 'soft']],
  ['23', ['Too Large', 'soft']],
  ['24', ['Timeout', 'soft']],
  // For example, the account's own suppression list: the vendor did not try the address.
  ['25', ['Admin Failure', 'admin', 'rejected']],
  ['30', ['Generic Bounce: No RCPT', 'hard']],
  ['40', ['Generic Bounce', 'soft']],
  ['50', ['Mail Block', 'block']],
  ['51', ['Spam Block', 'block']],
  ['52', ['Spam Content', 'block']],
  ['53', ['Prohibited Attachment', 'block']],
  ['54', ['Relaying Denied', 'block']],
  // Returned mail that is not a bounce.
  ['60', ['Auto-Reply', 'soft', 'unknown']],
  ['70', ['Transient Failure', 'soft']],
  ['80', ['Subscribe', 'admin', 'subscribed']],
  ['90', ['Unsubscribe', 'unknown', 'unsubscribed']],
  ['100', ['Challenge-Response', 'soft', 'unknown']],
]);

/** All kinds of events, by their type or by the class of a bounce. */
export const REPORTED_KINDS: readonly EventKind[] = [
  ...EVENT_KINDS.values(),
  ...[...BOUNCE_CLASSES.values()].flatMap(([, , kind]) => kind ?? []),
];

const EVENTS: EventMap = {
  name: 'type',
  kinds: EVENT_KINDS,
  kind: (event, { kind }) => {
    if (kind === 'complained') return feedbackKind(textOf(event, 'fbtype'));
    return kind === 'bounced' ? (classificationOf(event)?.[2] ?? kind) : kind;
  },
  // Unix seconds in a string, the vendor's current format, or a time as in its other fields.
  time: (event) => {
    const value = scalarOf(event, 'timestamp');
    return rfc3339Time(value) ?? unixTime(value);
  },
  // As it was sent; `rcpt_to` is in lowercase.
  recipient: ['raw_rcpt_to', 'rcpt_to'],
  messageId: (event) => scalarOf(event, 'transmission_id'),
  vendorEventId: (event) => scalarOf(event, 'event_id'),
  bounce: bounceOf,
  reply: reasonOf,
  url: 'target_link_url',
  urlKinds: new Set<EventKind>(['clicked', 'unsubscribed']),
  userAgent: 'user_agent',
  ip: 'ip_address',
  isEngagement: ({ name }) => ENGAGEMENT.test(name),
  machine: (event, { kind }) => {
    const value = objectIn(event, 'user_agent_parsed')[PREFETCHED];
    return kind === 'opened' && typeof value === 'boolean' ? value : undefined;
  },
  // `campaign_id` is not a tag: other senders use it for the name of a campaign.
  tags: (event) => (Array.isArray(event['rcpt_tags']) ? tagsOf(event['rcpt_tags']) : []),
  // The metadata of the message, overridden by those of the recipient.
  metadata: (event) => textsOf(objectIn(event, 'rcpt_meta')),
  isTest: (_event, { vendorEventId }) => vendorEventId === SAMPLE_EVENT_ID,
  // With the type, since the vendor's samples share one id among all types.
  deduplicationKey: (event, { name }) => [name, scalarOf(event, 'event_id') ?? contentDigest(event)],
};

const TOKEN_HEADER = 'x-messagesystems-webhook-token';

const CONSOLES: Readonly<Record<SparkpostSettings['region'], string>> = {
  us: 'app.sparkpost.com',
  eu: 'app.eu.sparkpost.com',
  enterprise: 'the console of your Enterprise account',
};

/** The event webhooks: https://developers.sparkpost.com/api/webhooks */
export function sparkpostWebhooks(registration: WebhookRegistration<SparkpostSettings>) {
  return {
    authentication: 'shared-secret',
    // 350 events and more, each with up to 10 KB of metadata; the vendor recommends setting no limit.
    bodyLimit: 10 * 1024 * 1024,
    registration,
    authenticateHead: authenticate,
    authenticate,
    parse: ({ body }) => parseJsonBatch(body, parseItem),

    sample: ({ settings: { webhookUsername, webhookPassword = '', webhookToken = '' }, events }) => {
      const headers = {
        ...(webhookPassword === '' ? {} : { authorization: basicCredentials(webhookUsername, webhookPassword) }),
        ...(webhookToken === '' ? {} : { [TOKEN_HEADER]: webhookToken }),
      };
      return { requests: [sampleRequest(events.map(sampleItem), { headers })] };
    },

    /** The manual setup of https://developers.sparkpost.com/api/webhooks. */
    setupInstructions: (url, { region, webhookUsername, webhookPassword = '' }) =>
      setupSteps({
        'Open the webhooks': `Log in to ${CONSOLES[region]}, go to Configuration, Webhooks and choose “Create Webhook”.`,
        'Enter a name and the URL': [
          'Enter a name of at most 24 characters and paste this URL as the target. SparkPost immediately posts a test to it, so it must be reachable from the internet, by HTTPS on port 443.',
          url,
        ],
        'Choose the source and the events': `If there are subaccounts, choose the one of the API key, or all. Under events choose “Select” and check ${REGISTERED_EVENTS.join(', ')}. With “All”, other events are received too, but not counted.`,
        'Enter the username': ['Choose Basic Auth as the authentication and paste this username.', webhookUsername],
        'Enter the password':
          webhookPassword === ''
            ? 'Set a webhook password for the connection first: without one no event is accepted. Then enter the same password here.'
            : ['Paste this password.', webhookPassword],
        'Create the webhook':
          'Choose “Create Webhook”. “POST to webhook target URL failed” means that the test did not arrive, or that the username or password is different.',
        'Test it':
          'Open the webhook’s Test tab and send the test batch: the response must be 200. It contains no event. Events arrive from one minute after the webhook was created; the Batch Status tab shows those that failed within 24 hours.',
        'Check the tracking settings':
          'Opens and clicks are reported only if engagement tracking for the API is turned on for the account.',
      }),
  } satisfies WebhookReceiver<SparkpostSettings>;
}

/**
 * SparkPost does not sign requests. They are authenticated by the password of their Basic credentials, or by the token
 * that a legacy webhook sends in a custom header. If a request has both, both must be right, as far as the connection
 * has values to compare.
 * https://support.sparkpost.com/docs/tech-resources/webhook-authentication
 */
function authenticate({ headers }: WebhookHead, settings: SparkpostSettings): WebhookVerdict {
  const { webhookUsername, webhookPassword = '', webhookToken = '' } = settings;
  const verdicts = [
    ...(webhookPassword === '' ? [] : [basicVerdict(headers['authorization'], webhookUsername, webhookPassword)]),
    ...(webhookToken === '' ? [] : [secretVerdict(headers[TOKEN_HEADER], webhookToken)]),
  ];
  if (verdicts.length === 0) return 'not_configured';
  const wrong = verdicts.find((verdict) => verdict === 'invalid' || verdict === 'malformed');
  return wrong ?? (verdicts.includes('verified') ? 'verified' : 'missing');
}

/** https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types */
function sampleItem({ kind, id, at, recipient, messageId, metadata, reply, userAgent, ip }: SampleEvent): object {
  const timestamp = String(at.getTime() / 1000);
  const event = { event_id: id, transmission_id: messageId, rcpt_to: recipient, rcpt_meta: metadata, timestamp };
  const items = {
    delivered: { message_event: { type: 'delivery', ...event } },
    bounced: { message_event: { type: 'bounce', bounce_class: '10', error_code: '550', raw_reason: reply, ...event } },
    opened: { track_event: { type: 'open', user_agent: userAgent, ip_address: ip, ...event } },
  };
  return { msys: items[kind] };
}

/**
 * Parses the events of one item of a batch, `{ "msys": { "<class>": { … } } }`. An item without a class is the vendor's
 * test of the URL and contains no event. One with several classes contains several events, in the order of the class
 * names, since the order of members has no meaning. Each event keeps the complete item.
 */
function parseItem(item: unknown): readonly ParsedEvent[] {
  if (!isJsonObject(item)) return [{ ok: false, reason: 'The item is not an object.', raw: item }];
  const msys = Object.hasOwn(item, 'msys') ? item['msys'] : undefined;
  if (!isJsonObject(msys)) return [{ ok: false, reason: 'The item has no msys object.', raw: item }];
  return Object.entries(msys)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, event]) => mapEvent(event, EVENTS, item));
}

function bounceOf(event: JsonItem, { kind }: EventFacts): Bounce | undefined {
  if (kind === 'deferred') return undefined;
  const [name, category = 'unknown'] = classificationOf(event) ?? [];
  const rule = name ?? scalarOf(event, 'bounce_class');
  const details = bounceDetails({ reason: reasonOf(event), code: scalarOf(event, 'error_code'), rule });
  if (kind === 'failed') return { class: 'unknown', ...details };
  // The vendor itself rejected it, without asking the receiver: that never means a nonexistent address.
  if (kind === 'rejected') return { class: category === 'admin' ? 'admin' : 'policy', ...details };
  // The vendor's classification takes precedence over the codes, except `Undetermined` and undocumented classes.
  return { class: category === 'unknown' ? bounceClassOf(details) : category, ...details };
}

function classificationOf(event: JsonItem) {
  return BOUNCE_CLASSES.get(scalarOf(event, 'bounce_class') ?? '');
}

/** The receiver's reply as it came, or else as SparkPost shows it. */
function reasonOf(event: JsonItem): string | undefined {
  return textOf(event, 'raw_reason') ?? textOf(event, 'reason');
}

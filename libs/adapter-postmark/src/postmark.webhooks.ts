import {
  basicCredentials,
  basicVerdict,
  type Bounce,
  type BounceClass,
  bounceDetails,
  contentDigest,
  type EmailEvent,
  type EventFacts,
  type EventKind,
  type EventMap,
  type JsonItem,
  mapEvent,
  objectIn,
  parseJsonBatch,
  presentParts,
  rfc3339Time,
  type SampleEvent,
  sampleRequest,
  scalarOf,
  setupSteps,
  tagsOf,
  textOf,
  textsOf,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import { INBOUND_FIELD, SAMPLE_MESSAGE_ID, TIMES, WEBHOOK_USER } from './assumptions.ts';
import type { PostmarkSettings } from './postmark.settings.ts';

/** https://postmarkapp.com/developer/webhooks/webhooks-overview */
const KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['Delivery', 'delivered'],
  ['Bounce', 'bounced'],
  ['SpamComplaint', 'complained'],
  ['Open', 'opened'],
  ['Click', 'clicked'],
  ['SubscriptionChange', 'unsubscribed'],
]);

/** The triggers of a webhook: all, without the content of messages. */
export const TRIGGERS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  Delivery: { Enabled: true },
  Bounce: { Enabled: true, IncludeContent: false },
  SpamComplaint: { Enabled: true, IncludeContent: false },
  Open: { Enabled: true, PostFirstOpenOnly: false },
  Click: { Enabled: true },
  SubscriptionChange: { Enabled: true },
};

/**
 * By `Type` and not `TypeCode`, since the codes in examples contradict each other. Postmark only describes the types:
 * kind and class are this package's.
 * https://postmarkapp.com/developer/api/bounce-api#bounce-types
 */
const BOUNCES = new Map<string, readonly [EventKind, BounceClass?]>([
  ['HardBounce', ['bounced', 'hard']],
  ['SoftBounce', ['bounced', 'soft']],
  ['Transient', ['deferred', 'soft']],
  ['DnsError', ['deferred', 'soft']],
  // Mail that was taken for spam, and not a recipient's complaint.
  ['SpamNotification', ['bounced', 'block']],
  ['Blocked', ['bounced', 'block']],
  ['VirusNotification', ['bounced', 'policy']],
  ['DMARCPolicy', ['bounced', 'policy']],
  ['Unknown', ['bounced', 'unknown']],
  ['BadEmailAddress', ['rejected', 'hard']],
  // Postmark did not try.
  ['ManuallyDeactivated', ['rejected', 'admin']],
  ['Unconfirmed', ['rejected', 'admin']],
  ['SMTPApiError', ['rejected', 'admin']],
  ['TemplateRenderingFailed', ['failed']],
  ['SpamComplaint', ['complained']],
  ['Unsubscribe', ['unsubscribed']],
  ['Subscribe', ['subscribed']],
  // Replies that say nothing about the message.
  ['AutoResponder', ['unknown']],
  ['AddressChange', ['unknown']],
  ['ChallengeVerification', ['unknown']],
  ['OpenRelayTest', ['unknown']],
  ['InboundError', ['unknown']],
]);

/** All kinds of events, by their type or by the type of a bounce. */
export const REPORTED_KINDS: readonly EventKind[] = [...KINDS.values(), ...[...BOUNCES.values()].map(([kind]) => kind)];

const SUPPRESSION = ['MessageStream', 'SuppressSending', 'SuppressionReason', 'Origin'];

const EVENTS: EventMap = {
  // Inbound mail has no type.
  name: (item) => textOf(item, 'RecordType') ?? (item[INBOUND_FIELD] === undefined ? undefined : 'Inbound'),
  kinds: KINDS,
  kind: (item, { name, kind }) => {
    if (name === 'Bounce') return BOUNCES.get(textOf(item, 'Type') ?? '')?.[0] ?? kind;
    return name === 'SubscriptionChange' ? subscriptionKind(item) : kind;
  },
  time: (item) => rfc3339Time(timeOf(item)),
  recipient: ['Recipient', 'Email'],
  messageId: 'MessageID',
  // More digits than a double has.
  vendorEventId: (item) => scalarOf(item, 'ID'),
  bounce: bounceOf,
  reply: 'Details',
  url: 'OriginalLink',
  userAgent: 'UserAgent',
  ip: (item) => textOf(objectIn(item, 'Geo'), 'IP'),
  tags: (item) => tagsOf(item['Tag']),
  metadata: (item) => textsOf(objectIn(item, 'Metadata')),
  isTest: (_item, { messageId }) => messageId === SAMPLE_MESSAGE_ID,
  deduplicationKey: deduplicationKeyOf,
};

/**
 * The webhooks: one event per request. Postmark does not sign them, so they are authenticated by the password that was
 * registered with the URL (Basic, RFC 7617).
 * https://postmarkapp.com/developer/webhooks/webhooks-overview
 */
export function postmarkWebhooks(registration: WebhookRegistration<PostmarkSettings>) {
  return {
    authentication: 'shared-secret',
    // With the content of the message, if someone turned that on: up to 10 MB as JSON.
    bodyLimit: 16 * 1024 * 1024,
    registration,
    authenticateHead: authenticate,
    authenticate,
    parse: ({ body }) => parseJsonBatch(body, (item) => mapEvent(item, EVENTS)),

    sample: ({ settings: { webhookPassword = '' }, events }) => {
      const headers = { authorization: basicCredentials(WEBHOOK_USER, webhookPassword) };
      return { requests: events.map((event) => sampleRequest(sampleItem(event), { headers })) };
    },

    setupInstructions: (url, { messageStream, webhookPassword = '' }) =>
      setupSteps({
        'Open the webhooks': `Log in to account.postmarkapp.com, open the server and its message stream “${messageStream}”, and go to Webhooks.`,
        'Add a webhook': ['Choose “Add webhook” and paste this URL.', url],
        'Enter the user name': ['Turn on basic authentication, and enter this user name.', WEBHOOK_USER],
        'Enter the password': ['Enter the webhook password of this connection.', webhookPassword],
        'Choose the events':
          'Select all six: Delivery, Bounce, Spam complaint, Open, Link click and Subscription change. Do not include the content of messages. Save.',
        'Test it': 'Choose “Send test” at Postmark, or send a message. Its events appear here within a minute.',
      }),
  } satisfies WebhookReceiver<PostmarkSettings>;
}

function authenticate({ headers }: WebhookHead, { webhookPassword = '' }: PostmarkSettings): WebhookVerdict {
  if (webhookPassword === '') return 'not_configured';
  return basicVerdict(headers['authorization'], WEBHOOK_USER, webhookPassword);
}

/** https://postmarkapp.com/developer/webhooks/webhooks-overview */
function sampleItem({ kind, id, at, recipient, messageId, metadata, reply, userAgent, ip }: SampleEvent): object {
  const time = at.toISOString();
  const details = {
    delivered: { RecordType: 'Delivery', Recipient: recipient, DeliveredAt: time, Details: `smtp;${reply}` },
    bounced: {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      ID: Number.parseInt(id.slice(0, 8), 16),
      Email: recipient,
      BouncedAt: time,
      Details: `smtp;${reply}`,
    },
    opened: { RecordType: 'Open', Recipient: recipient, ReceivedAt: time, UserAgent: userAgent, Geo: { IP: ip } },
  };
  return { MessageID: messageId, Metadata: metadata, MessageStream: 'outbound', ...details[kind] };
}

/** A suppression after a bounce or a complaint is reported by another event already. */
function subscriptionKind(item: JsonItem): EventKind {
  if (item['SuppressSending'] === false) return 'subscribed';
  const isByRecipient =
    textOf(item, 'Origin') === 'Recipient' && textOf(item, 'SuppressionReason') === 'ManualSuppression';
  return isByRecipient ? 'unsubscribed' : 'unknown';
}

function bounceOf(item: JsonItem): Bounce | undefined {
  const type = textOf(item, 'Type');
  // The receiver's reply follows the protocol: `smtp;550 5.1.1 …`.
  const reason = (textOf(item, 'Details') ?? textOf(item, 'Description'))?.replace(/^smtp;\s*/i, '');
  const details = bounceDetails({ reason, code: undefined, rule: type });
  return { class: BOUNCES.get(type ?? '')?.[1] ?? 'unknown', ...details };
}

function timeOf(item: JsonItem): string | undefined {
  return TIMES.flatMap((field) => textOf(item, field) ?? [])[0];
}

/**
 * Events have no id of their own: the id of a bounce is that of a record which several reports share. A message has
 * several recipients, and a recipient several opens.
 */
function deduplicationKeyOf(
  item: JsonItem,
  { name }: EventFacts,
  { messageId = '', recipient = '', vendorEventId = '' }: EmailEvent,
): readonly string[] {
  const time = timeOf(item) ?? '';
  // Without one of these, two events could otherwise be equal; and for an unknown event, the relevant fields are unknown.
  const isVague = recipient === '' || time === '' || !KINDS.has(name);
  return [
    name,
    messageId,
    recipient.toLowerCase(),
    time,
    vendorEventId,
    textOf(item, 'Type') ?? textOf(item, 'OriginalLink') ?? '',
    ...(name === 'SubscriptionChange' ? presentParts(item, SUPPRESSION) : []),
    ...(isVague ? [contentDigest(item)] : []),
  ];
}

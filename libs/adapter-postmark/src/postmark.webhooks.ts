import {
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
  type ParsedEvent,
  parseJsonBatch,
  presentParts,
  rfc3339Time,
  scalarOf,
  type SetupInstruction,
  tagsOf,
  textOf,
  textsOf,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
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
export class PostmarkWebhooks implements WebhookReceiver<PostmarkSettings> {
  readonly authentication = 'shared-secret';
  // With the content of the message, if someone turned that on: up to 10 MB as JSON.
  readonly bodyLimit = 16 * 1024 * 1024;

  constructor(readonly registration: WebhookRegistration<PostmarkSettings>) {}

  authenticateHead({ headers }: WebhookHead, { webhookPassword = '' }: PostmarkSettings): WebhookVerdict {
    if (webhookPassword === '') return 'not_configured';
    return basicVerdict(headers['authorization'], WEBHOOK_USER, webhookPassword);
  }

  authenticate(request: WebhookRequest, settings: PostmarkSettings): WebhookVerdict {
    return this.authenticateHead(request, settings);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parseJsonBatch(body, (item) => mapEvent(item, EVENTS));
  }

  setupInstructions(
    url: string,
    { messageStream, webhookPassword = '' }: PostmarkSettings,
  ): readonly SetupInstruction[] {
    return [
      {
        title: 'Open the webhooks',
        text: `Log in to account.postmarkapp.com, open the server and its message stream “${messageStream}”, and go to Webhooks.`,
      },
      { title: 'Add a webhook', text: 'Choose “Add webhook” and paste this URL.', value: url },
      {
        title: 'Enter the user name',
        text: 'Turn on basic authentication, and enter this user name.',
        value: WEBHOOK_USER,
      },
      {
        title: 'Enter the password',
        text: 'Enter the webhook password of this connection.',
        ...(webhookPassword === '' ? {} : { value: webhookPassword }),
      },
      {
        title: 'Choose the events',
        text: 'Select all six: Delivery, Bounce, Spam complaint, Open, Link click and Subscription change. Do not include the content of messages. Save.',
      },
      {
        title: 'Test it',
        text: 'Choose “Send test” at Postmark, or send a message. Its events appear here within a minute.',
      },
    ];
  }
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

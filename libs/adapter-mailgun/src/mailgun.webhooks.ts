import { createHmac } from 'node:crypto';
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
  isJsonObject,
  type JsonItem,
  MalformedWebhookError,
  mapEvent,
  objectIn,
  omitUndefined,
  parseWebhookJson,
  sameSecret,
  type SampleEvent,
  sampleRequest,
  scalarOf,
  scalarText,
  setupSteps,
  type StatusCodes,
  stringifyJson,
  tagsOf,
  textOf,
  unixTime,
  type WebhookReceiver,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import {
  BLOCK_REASONS,
  CONSOLE_TEST_IDS,
  GAVE_UP_REASONS,
  MAX_SIGNATURE_AGE_MS,
  SUPPRESSION_CODES,
} from './assumptions.ts';
import { bareMessageId } from './mailgun.message.ts';
import type { MailgunSettings } from './mailgun.settings.ts';

/**
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types `failed` is two kinds, distinguished by
 * its severity. Any other event is `unknown`: `stored`, for incoming mail, and events of mailing lists.
 */
export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['accepted', 'queued'],
  ['rejected', 'rejected'],
  ['delivered', 'delivered'],
  ['failed temporary', 'deferred'],
  ['failed permanent', 'bounced'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['unsubscribed', 'unsubscribed'],
  ['complained', 'complained'],
]);

const EVENTS: EventMap = {
  name: nameOf,
  kinds: EVENT_KINDS,
  kind: (data, { kind }) => (kind === 'bounced' && isSuppressed(data) ? 'rejected' : kind),
  time: (data) => unixTime(scalarOf(data, 'timestamp')),
  recipient: 'recipient',
  messageId: (data) => bareMessageId(textOf(objectIn(objectIn(data, 'message'), 'headers'), 'message-id')),
  vendorEventId: (data) => scalarOf(data, 'id'),
  bounce: bounceOf,
  reply: replyOf,
  url: 'url',
  userAgent: (data) => textOf(objectIn(data, 'client-info'), 'user-agent'),
  ip: 'ip',
  machine: isMachine,
  // `*` means all mail of the domain, in events of recipients who unsubscribed from it.
  tags: ({ tags }) => (Array.isArray(tags) ? tagsOf(tags).filter((tag) => tag !== '*') : []),
  metadata: metadataOf,
  isTest,
  deduplicationKey: deduplicationKeyOf,
};

/** The webhooks of a domain. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks */
export function mailgunWebhooks(registration: WebhookRegistration<MailgunSettings>) {
  return {
    authentication: 'signed-token',
    // One event, of which 16 KB are the sender's own data.
    bodyLimit: 1024 * 1024,
    registration,
    // The signature is in the body.
    authenticateHead: (_head, { webhookSigningKey = '' }) =>
      webhookSigningKey === '' ? 'not_configured' : 'needs_body',

    /**
     * HMAC-SHA-256 with the account's signing key over timestamp and token, with nothing in between. It shows that Mailgun
     * created the token, and nothing about the event next to it. Hence the limit of its age: anyone who has seen one could
     * otherwise use it for other events forever.
     * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
     */
    authenticate({ body }, { webhookSigningKey = '' }) {
      if (webhookSigningKey === '') return 'not_configured';
      const post = readPost(body);
      if (!isJsonObject(post) || post['signature'] === undefined) return 'missing';
      const credentials = readSignature(objectIn(post, 'signature'));
      if (credentials === undefined) return 'malformed';
      const { timestamp, token, signatures } = credentials;
      const expected = signatureOf(timestamp, token, webhookSigningKey);
      const isGenuine = signatures.some((signature) => sameSecret(signature, expected));
      const ageMs = Date.now() - (unixTime(timestamp)?.getTime() ?? 0);
      return isGenuine && Math.abs(ageMs) <= MAX_SIGNATURE_AGE_MS ? 'verified' : 'invalid';
    },

    /**
     * Parses a request, which is one event: `{ "signature": { … }, "event-data": { … } }`.
     * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
     * @throws MalformedWebhookError for anything else, unless the body is empty
     */
    parse({ body }) {
      const { json: post, deepItems } = parseWebhookJson(body);
      if (deepItems.size > 0) throw new MalformedWebhookError('JSON is nested too deeply.');
      if (post === undefined || (Array.isArray(post) && post.length === 0)) return [];
      if (!isJsonObject(post)) throw new MalformedWebhookError('The body is not an event.');
      return post['event-data'] === undefined ? [] : [mapEvent(post['event-data'], EVENTS)];
    },

    sample: ({ settings: { webhookSigningKey = '' }, events }) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const requests = events.map((event) => {
        const signature = {
          timestamp,
          token: event.id,
          signature: signatureOf(timestamp, event.id, webhookSigningKey),
        };
        return sampleRequest({ signature, 'event-data': sampleData(event) });
      });
      return { requests };
    },

    /** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/configuring-webhooks */
    setupInstructions: (url, { domain }) =>
      setupSteps({
        'Open the webhooks':
          'Log in to app.mailgun.com and go to Send, Sending, Webhooks. Each region has separate webhooks: select the region of the domain.',
        'Add a webhook': [
          `Choose “Add webhook”, select the domain level and the domain ${domain}, and paste this URL. Mailgun accepts three URLs per type of event.`,
          url,
        ],
        'Choose the events':
          'Select all of them: Accepted, Delivered, Opened, Clicked, Unsubscribed, Spam Complaints, Permanent Failure and Temporary Failure. Then create the webhook.',
        'Copy the signing key':
          'On the same page, or under Account settings, API security, copy the HTTP webhook signing key (not an API key). Paste it here as the webhook signing key and save the connection.',
        'Test it':
          'Choose “Test webhook” at Mailgun for this URL. The test event appears here within a minute; changes at Mailgun can take ten minutes.',
        'Check the tracking settings':
          'Opens, clicks and unsubscribes are reported only if they are turned on in the domain’s tracking settings.',
      }),
  } satisfies WebhookReceiver<MailgunSettings>;
}

function signatureOf(timestamp: string, token: string, key: string): string {
  return createHmac('sha256', key).update(timestamp).update(token).digest('hex');
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure */
function sampleData({ kind, id, at, recipient, messageId, metadata, reply, userAgent, ip }: SampleEvent): object {
  const status = { code: Number.parseInt(reply, 10), message: reply };
  const details = {
    delivered: { event: 'delivered', 'delivery-status': status },
    bounced: { event: 'failed', severity: 'permanent', reason: 'bounce', 'delivery-status': status },
    opened: { event: 'opened', ip, 'client-info': { 'user-agent': userAgent, bot: '' } },
  };
  const message = { message: { headers: { 'message-id': messageId } }, 'user-variables': metadata };
  return { id, timestamp: at.getTime() / 1000, recipient, ...message, ...details[kind] };
}

/** Runs before authentication, so the body may be anything. Returns undefined if it is not JSON. */
function readPost(body: Uint8Array): unknown {
  try {
    return parseWebhookJson(body).json;
  } catch {
    return undefined;
  }
}

/** Returns the signatures by the keys of the account and, for a subaccount, of its parent account. */
function readSignature(credentials: JsonItem) {
  const timestamp = scalarOf(credentials, 'timestamp') ?? '';
  const token = textOf(credentials, 'token');
  const signatures = ['signature', 'parent-signature'].flatMap((member) => textOf(credentials, member) ?? []);
  // Without a separator between the two, a digit of one could pass as a digit of the other.
  if (!/^\d{10}$/.test(timestamp) || token === undefined || signatures.length === 0) return undefined;
  return { timestamp, token, signatures };
}

/** Returns the vendor's name of an event, with the severity if there is one. */
function nameOf(data: JsonItem): string | undefined {
  const event = textOf(data, 'event');
  return event === 'failed' ? `${event} ${textOf(data, 'severity') ?? ''}` : event;
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect */
function isMachine(data: JsonItem): boolean | undefined {
  const client = objectIn(data, 'client-info');
  return Object.hasOwn(client, 'bot') ? textOf(client, 'bot') !== undefined : undefined;
}

/** A variable that was JSON may be returned as the value that it represents. */
function metadataOf(data: JsonItem): Readonly<Record<string, string>> {
  const entries = Object.entries(objectIn(data, 'user-variables')).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    const text = scalarText(value) ?? stringifyJson(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(entries);
}

/** Whether the event belongs to a message in test mode, or to none: the console's “Test webhook” generates events. */
function isTest(data: JsonItem, { messageId = '' }: EmailEvent): boolean {
  const flags = objectIn(data, 'flags');
  const isMarked = flags['is-test-mode'] === true || flags['is-system-test'] === true;
  return isMarked || CONSOLE_TEST_IDS.has(messageId.split('@')[0] ?? '');
}

/**
 * The id of the event with its time, since ids are unique only within a day; if one of them is missing, the content. The
 * token of a request is not included: another request may repeat the event.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
 */
function deduplicationKeyOf(data: JsonItem, { name }: EventFacts, event: EmailEvent): readonly (string | number)[] {
  const { occurredAt, vendorEventId } = event;
  return [name, occurredAt?.getTime() ?? contentDigest(data), vendorEventId ?? contentDigest(data)];
}

/**
 * The vendor does not try a suppressed address, which says nothing about it. Other rejections are by Mailgun itself.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 * https://documentation.mailgun.com/docs/mailgun/api-reference/openapi-final/tag/Events
 */
function bounceOf(data: JsonItem, { kind }: EventFacts): Bounce | undefined {
  if (kind !== 'bounced' && kind !== 'rejected') return undefined;
  if (kind === 'rejected' && !isSuppressed(data)) {
    const reject = objectIn(data, 'reject');
    return { class: 'unknown', ...omitUndefined('reason', textOf(reject, 'reason') ?? textOf(reject, 'description')) };
  }
  // In separate fields or, in older events, in the receiver's reply.
  const status = objectIn(data, 'delivery-status');
  const code = scalarOf(status, 'code') ?? '';
  const enhancedCode = textOf(status, 'enhanced-code');
  const details = {
    ...bounceDetails({ reason: replyOf(data), enhancedCode, rule: textOf(data, 'reason') }),
    // Includes codes of Mailgun's own, such as 498 for a domain without a mail server.
    ...(/^[2-5]\d\d$/.test(code) ? { code: Number(code) } : {}),
  };
  return { class: isSuppressed(data) ? 'admin' : classOf(data, details), ...details };
}

/** Whether the address is on one of the domain's lists of bounces, complaints and unsubscribes. */
function isSuppressed(data: JsonItem): boolean {
  const code = Number(scalarOf(objectIn(data, 'delivery-status'), 'code'));
  return textOf(data, 'reason')?.startsWith('suppress-') === true || SUPPRESSION_CODES.has(code);
}

function classOf(data: JsonItem, codes: StatusCodes): BounceClass {
  const status = objectIn(data, 'delivery-status');
  const reason = textOf(data, 'reason') ?? '';
  const byCodes = bounceClassOf(codes);
  // The receiver rejected the sender, even if Mailgun calls it a hard bounce.
  if (BLOCK_REASONS.has(reason) || byCodes === 'block') return 'block';
  // Mailgun's own classification takes precedence over the codes if it reports that the address exists.
  // https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
  if (textOf(status, 'bounce-type') === 'soft' || GAVE_UP_REASONS.has(reason)) return 'soft';
  if (byCodes !== 'unknown') return byCodes;
  if (textOf(status, 'bounce-type') === 'hard') return 'hard';
  // Mailgun keeps a list of these; rejections for other reasons are not on it.
  // https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/bounces
  return reason === 'bounce' && String(codes.code).startsWith('5') ? 'hard' : 'unknown';
}

/** The receiver's reply, or Mailgun's description of the failure. */
function replyOf(data: JsonItem): string | undefined {
  const status = objectIn(data, 'delivery-status');
  return textOf(status, 'message') ?? textOf(status, 'description');
}

import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  type MailStep,
  scenarioOf,
  type SimulatedEvent,
  stepsOf,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { type AcceptedMail, customArgsOf } from './mail.ts';

/** An event in the vendor's form. */
export interface SandboxEvent {
  readonly event: string;
  readonly email: string;
  readonly timestamp: number;
  readonly sg_event_id: string;
  readonly sg_message_id: string;
  readonly [field: string]: unknown;
}

/** The fields of an event besides those that all events have. */
type EventFields = Readonly<Record<string, unknown>> & { readonly event: string };

const RELAY = { ip: '198.51.100.17', tls: 1 };
const READER = { ip: '203.0.113.9', useragent: 'Mozilla/5.0', sg_content_type: 'html' };
const LINK = { index: 0, type: 'html' };
const CLASSIFICATIONS = { hard: 'Invalid Address', soft: 'Mailbox Unavailable', block: 'Reputation' } as const;

const ALWAYS = {
  queued: { event: 'processed', send_at: 0 },
  delivered: { event: 'delivered', ...RELAY, response: '250 2.0.0 OK' },
  rejected: { event: 'dropped', reason: 'Bounced Address', status: '5.0.0' },
  complained: { event: 'spamreport' },
  unsubscribed: { event: 'unsubscribe' },
} as const;

/** Returns the events of one step of a message. */
export function eventsOfStep(mail: AcceptedMail, step: MailStep, now: Date): readonly SandboxEvent[] {
  const { categories } = mail.json;
  return step.map(({ recipient, event, step: index }) => ({
    // The vendor's own fields take precedence over arguments of the same name.
    ...customArgsOf(mail.json, recipient),
    email: recipient,
    'smtp-id': `<${mail.messageId}@geopod-ismtpd-12>`,
    ...(categories === undefined ? {} : { category: categories }),
    ...fieldsOf(event, attemptAt(recipient, index)),
    sg_event_id: newEventId(),
    sg_message_id: `${mail.messageId}.filterdrecv-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.0`,
    timestamp: unixSeconds(now),
  }));
}

/** Returns all events of a message in order, one second apart. */
export function eventsOf(mail: AcceptedMail, now: Date = new Date()): readonly SandboxEvent[] {
  return stepsOf(mail.recipients).flatMap((step, index) =>
    eventsOfStep(mail, step, new Date(now.getTime() + index * 1000)),
  );
}

/** Returns the same events as repeated by another of the vendor's servers: only their ids differ. */
export function repeated(events: readonly SandboxEvent[]): readonly SandboxEvent[] {
  return events.map((event) => ({ ...event, sg_event_id: newEventId() }));
}

function attemptAt(recipient: string, step: number): number {
  return scenarioOf(recipient)
    .slice(0, step + 1)
    .filter(({ kind }) => kind === 'deferred').length;
}

function fieldsOf(simulatedEvent: SimulatedEvent, attempt: number): EventFields {
  const { kind } = simulatedEvent;
  if (kind === 'deferred') return { event: kind, ...RELAY, response: said(simulatedEvent), attempt: String(attempt) };
  if (kind === 'opened') return { event: 'open', ...READER, sg_machine_open: simulatedEvent.machine };
  if (kind === 'clicked') return { event: 'click', ...READER, url: simulatedEvent.url, url_offset: LINK };
  if (kind !== 'bounced') return ALWAYS[kind];
  return {
    event: 'bounce',
    ...RELAY,
    type: simulatedEvent.class === 'block' ? 'blocked' : 'bounce',
    status: simulatedEvent.enhancedCode,
    reason: said(simulatedEvent),
    bounce_classification: CLASSIFICATIONS[simulatedEvent.class],
  };
}

function said({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): string {
  return `${String(code)} ${enhancedCode} ${text}`;
}

function newEventId(): string {
  return randomBytes(24).toString('base64url');
}

function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

const TEST_COMMON = {
  email: 'example@test.com',
  'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
  category: ['cat facts'],
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
};
const TEST_READER = {
  useragent: 'Mozilla/4.0 (compatible; MSIE 6.1; Windows XP; .NET CLR 1.1.4322; .NET CLR 2.0.50727)',
  ip: '255.255.255.255',
};
const TEST_URL = { url: 'http://www.sendgrid.com/' };

const TEST_EVENTS: readonly object[] = [
  { event: 'processed' },
  { event: 'deferred', response: '400 try again later', attempt: '5' },
  { event: 'delivered', response: '250 OK' },
  { event: 'open', ...TEST_READER },
  { event: 'click', ...TEST_READER, ...TEST_URL },
  { event: 'bounce', reason: '500 unknown recipient', status: '5.0.0' },
  { event: 'dropped', reason: 'Bounced Address', status: '5.0.0' },
  { event: 'spamreport' },
  { event: 'unsubscribe' },
  { event: 'group_unsubscribe', ...TEST_READER, ...TEST_URL, asm_group_id: 10 },
  { event: 'group_resubscribe', ...TEST_READER, ...TEST_URL, asm_group_id: 10 },
];

/** The events that the console's “Test Your Integration” posts. */
export function integrationTestEvents(now: Date): readonly object[] {
  return TEST_EVENTS.map((event) => ({
    ...TEST_COMMON,
    timestamp: unixSeconds(now),
    ...event,
    sg_event_id: randomBytes(16).toString('base64'),
  }));
}

const ESCAPED = /[<>&]/g;

/**
 * Serializes a batch into the vendor's exact bytes: compact objects separated by a comma and CR LF, with the characters
 * escaped that Go escapes, and CR LF at the end. No JSON library reproduces this, which is why a signature must be
 * verified over the received bytes.
 */
export function vendorBody(events: readonly object[]): Buffer {
  const items = events.map((event) =>
    JSON.stringify(event).replace(ESCAPED, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  );
  return Buffer.from(`[${items.join(',\r\n')}]\r\n`);
}

/** A batch of events for a webhook; signed if the webhook has a key. */
export function webhookPost(url: string, events: readonly object[], signer: WebhookSigner | undefined): WebhookPost {
  const body = new Uint8Array(vendorBody(events));
  return { url, headers: { 'content-type': 'application/json', ...signer?.headersFor(body) }, body };
}

/** The key pair of one event webhook. */
export class WebhookSigner {
  /** As the console shows it: base64 of the DER SubjectPublicKeyInfo, on one line. */
  readonly publicKey: string;
  private readonly privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.publicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    this.privateKey = privateKey;
  }

  /** Returns the signature headers of a request. `timestamp` is in Unix seconds; by default, now. */
  headersFor(body: Uint8Array, timestamp: string = String(Math.floor(Date.now() / 1000))): Record<string, string> {
    const signature = createSign('sha256').update(timestamp).update(body).sign(this.privateKey, 'base64');
    return {
      'X-Twilio-Email-Event-Webhook-Signature': signature,
      'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
    };
  }
}

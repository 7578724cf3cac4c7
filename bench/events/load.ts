import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Values } from './values.ts';

/** A webhook request that can be sent as it is. */
export interface Post {
  /** Names and values in turn, which undici passes on without copying. */
  readonly headers: string[];
  readonly body: Buffer;
  readonly events: number;
}

export interface LoadOptions {
  readonly seed: number;
  readonly posts: number;
  readonly eventsPerPost: number;
  /** The connection that the messages were sent through; undefined: messages that another system sent. */
  readonly connectionId?: string | undefined;
}

/** The key with which a sender signs its webhook requests. */
export class SigningKey {
  /** Base64 of the DER SubjectPublicKeyInfo, as SendGrid shows it. */
  readonly publicKey: string;
  private readonly privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.publicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    this.privateKey = privateKey;
  }

  sign(timestamp: string, body: Buffer): string {
    return createSign('sha256').update(timestamp).update(body).sign(this.privateKey, 'base64');
  }
}

/** Generates signed posts of SendGrid's Event Webhook. Only the times and the signatures depend on more than the options. */
export function sendgridLoad(options: LoadOptions, key: SigningKey): Post[] {
  const { posts, eventsPerPost } = options;
  const stream = new EventStream(options, posts * eventsPerPost);
  return Array.from({ length: posts }, () => {
    const body = vendorBody(Array.from({ length: eventsPerPost }, () => stream.next()));
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const headers = [
      'content-type',
      'application/json',
      'x-twilio-email-event-webhook-signature',
      key.sign(timestamp, body),
      'x-twilio-email-event-webhook-timestamp',
      timestamp,
    ];
    return { headers, body, events: eventsPerPost };
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** A message that some of its events are still to come of, in order. */
interface Message {
  readonly common: Fields;
  readonly id: string;
  /** The id, and the servers that it went through. */
  readonly vendorId: string;
  readonly steps: (() => Fields)[];
}

const ACTIVE_MESSAGES = 2_000;
const EVENTS_PER_SECOND = 2_000;
const BOUNCES = [
  ['bounce', '5.1.1', '550 5.1.1 The email account that you tried to reach does not exist.', 'Invalid Address'],
  ['bounce', '5.2.2', '552 5.2.2 The mailbox is full.', 'Mailbox Unavailable'],
  ['blocked', '5.7.1', '554 5.7.1 Message rejected because of its content.', 'Content'],
] as const;

/** The events of messages that are sent, delivered and read at the same time, in the vendor's form. No two are equal. */
class EventStream {
  private readonly values: Values;
  private readonly active: Message[] = [];
  /** In Unix seconds; the last event is about now. */
  private readonly start: number;
  private count = 0;

  constructor(
    private readonly options: LoadOptions,
    total: number,
  ) {
    this.values = new Values(options.seed);
    this.start = Math.floor(Date.now() / 1_000 - total / EVENTS_PER_SECOND);
  }

  next(): Fields {
    const { values, active } = this;
    if (active.length < ACTIVE_MESSAGES) active.push(this.message());
    const index = values.below(active.length);
    const message = active[index] as Message;
    const step = message.steps.shift() as () => Fields;
    const last = active.at(-1) as Message;
    if (message.steps.length === 0) {
      active[index] = last;
      active.pop();
    }
    const timestamp = this.start + Math.floor(this.count / EVENTS_PER_SECOND);
    this.count += 1;
    const fields = step();
    return {
      ...message.common,
      timestamp,
      ...fields,
      sg_event_id: this.eventId(message.id, fields),
      sg_message_id: message.vendorId,
    };
  }

  /** As the vendor composes it, since it decides how far a body can be compressed. */
  private eventId(messageId: string, { event }: Fields): string {
    const isOfReader = event === 'open' || event === 'click';
    const id = isOfReader ? this.values.uuid() : `${String(event)}-0-19942112-${messageId}-0`;
    return Buffer.from(id).toString('base64url');
  }

  private message(): Message {
    const { values } = this;
    const { connectionId } = this.options;
    const id = values.id(22);
    const own =
      connectionId === undefined ? {} : { score_connection_id: connectionId, score_message_id: values.uuid() };
    const common = {
      email: values.recipient(),
      'smtp-id': `<${id}@geopod-ismtpd-${String(values.below(40))}>`,
      category: [`campaign-${String(values.below(50))}`],
      campaign_id: String(10_000 + values.below(50)),
      contact_id: values.hex(16),
      ...own,
    };
    const vendorId = `${id}.recvd-7d5f8b9c6d-${values.hex(5)}-1-${values.hex(8).toUpperCase()}-${values.hex(2).toUpperCase()}.0`;
    return { common, id, vendorId, steps: this.steps() };
  }

  private steps(): (() => Fields)[] {
    const { values } = this;
    const relay = { ip: values.address(), tls: 1 };
    if (values.oneIn(60)) return [() => ({ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' })];
    const steps: (() => Fields)[] = [() => ({ event: 'processed', send_at: 0 })];
    if (values.oneIn(20)) {
      const response = `421 4.7.0 try again later ${values.hex(12)}`;
      steps.push(() => ({ event: 'deferred', ...relay, response, attempt: '1' }));
    }
    if (values.oneIn(30)) {
      const [type, status, reason, bounce_classification] = values.pick(BOUNCES);
      return [...steps, () => ({ event: 'bounce', ...relay, type, status, reason, bounce_classification })];
    }
    steps.push(() => ({ event: 'delivered', ...relay, response: `250 2.0.0 OK ${values.hex(16)} - gsmtp` }));
    if (values.oneIn(2)) {
      const reader = { ip: values.address(), useragent: values.userAgent(), sg_content_type: 'html' };
      const opens = 1 + values.below(2);
      // Only one event of a message and a kind has these values, even within one second.
      for (const machine of [true, false].slice(-opens)) {
        steps.push(() => ({ event: 'open', ...reader, sg_machine_open: machine }));
      }
      for (let index = values.below(3); index > 0; index--) {
        steps.push(() => ({ event: 'click', ...reader, url: values.url(), url_offset: { index, type: 'html' } }));
      }
      if (values.oneIn(40)) steps.push(() => ({ event: values.pick(['unsubscribe', 'spamreport']) }));
    }
    return steps;
  }
}

const ESCAPED = /[<>&]/g;

/** The vendor's exact form: compact objects, separated by a comma and CR LF, with the characters escaped that Go escapes. */
function vendorBody(events: readonly Fields[]): Buffer {
  const items = events.map((event) =>
    JSON.stringify(event).replace(ESCAPED, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  );
  return Buffer.from(`[${items.join(',\r\n')}]\r\n`);
}

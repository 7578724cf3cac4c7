import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Random } from './random.ts';

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
  readonly steps: (() => Fields)[];
}

const ACTIVE_MESSAGES = 2_000;
const EVENTS_PER_SECOND = 2_000;
const DOMAINS = ['gmail.example', 'outlook.example', 'yahoo.example', 'web.example', 'icloud.example'] as const;
const PLATFORMS = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
  'Linux; Android 14; Pixel 8',
  'iPhone; CPU iPhone OS 17_5 like Mac OS X',
] as const;
const PAGES = ['sale', 'products', 'journal', 'account', 'preferences'] as const;
const BOUNCES = [
  ['bounce', '5.1.1', '550 5.1.1 The email account that you tried to reach does not exist.', 'Invalid Address'],
  ['bounce', '5.2.2', '552 5.2.2 The mailbox is full.', 'Mailbox Unavailable'],
  ['blocked', '5.7.1', '554 5.7.1 Message rejected because of its content.', 'Content'],
] as const;

/** The events of messages that are sent, delivered and read at the same time, in the vendor's form. No two are equal. */
class EventStream {
  private readonly random: Random;
  private readonly active: Message[] = [];
  /** In Unix seconds; the last event is about now. */
  private readonly start: number;
  private count = 0;

  constructor(
    private readonly options: LoadOptions,
    total: number,
  ) {
    this.random = new Random(options.seed);
    this.start = Math.floor(Date.now() / 1_000 - total / EVENTS_PER_SECOND);
  }

  next(): Fields {
    const { random, active } = this;
    if (active.length < ACTIVE_MESSAGES) active.push(this.message());
    const index = random.below(active.length);
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
      sg_message_id: `${message.id}.recvd-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.${String(random.below(4))}`,
    };
  }

  /** As the vendor composes it, since it decides how far a body can be compressed. */
  private eventId(messageId: string, { event }: Fields): string {
    const isOfReader = event === 'open' || event === 'click';
    const id = isOfReader ? this.random.uuid() : `${String(event)}-0-19942112-${messageId}-0`;
    return Buffer.from(id).toString('base64url');
  }

  private message(): Message {
    const { random } = this;
    const { connectionId } = this.options;
    const id = random.id(22);
    const domain = random.oneIn(3) ? `${random.hex(6)}.example` : random.pick(DOMAINS);
    const own =
      connectionId === undefined ? {} : { score_connection_id: connectionId, score_message_id: random.uuid() };
    const common = {
      email: `${random.id(6).toLowerCase()}.${random.hex(5)}@${domain}`,
      'smtp-id': `<${id}@geopod-ismtpd-${String(random.below(40))}>`,
      category: [`campaign-${String(random.below(50))}`],
      campaign_id: String(10_000 + random.below(50)),
      contact_id: random.hex(16),
      ...own,
    };
    return { common, id, steps: this.steps() };
  }

  private steps(): (() => Fields)[] {
    const { random } = this;
    const relay = { ip: this.address(), tls: 1 };
    if (random.oneIn(60)) return [() => ({ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' })];
    const steps: (() => Fields)[] = [() => ({ event: 'processed', send_at: 0 })];
    if (random.oneIn(20)) {
      const response = `421 4.7.0 try again later ${random.hex(12)}`;
      steps.push(() => ({ event: 'deferred', ...relay, response, attempt: '1' }));
    }
    if (random.oneIn(30)) {
      const [type, status, reason, bounce_classification] = random.pick(BOUNCES);
      return [...steps, () => ({ event: 'bounce', ...relay, type, status, reason, bounce_classification })];
    }
    steps.push(() => ({ event: 'delivered', ...relay, response: `250 2.0.0 OK ${random.hex(16)} - gsmtp` }));
    if (random.oneIn(2)) {
      const reader = { ip: this.address(), useragent: this.userAgent(), sg_content_type: 'html' };
      const opens = 1 + random.below(2);
      // Only one event of a message and a kind has these values, even within one second.
      for (const machine of [true, false].slice(-opens)) {
        steps.push(() => ({ event: 'open', ...reader, sg_machine_open: machine }));
      }
      for (let index = random.below(3); index > 0; index--) {
        steps.push(() => ({ event: 'click', ...reader, url: this.url(), url_offset: { index, type: 'html' } }));
      }
      if (random.oneIn(40)) steps.push(() => ({ event: random.pick(['unsubscribe', 'spamreport']) }));
    }
    return steps;
  }

  private address(): string {
    const { random } = this;
    return `${String(1 + random.below(223))}.${String(random.below(256))}.${String(random.below(256))}.${String(random.below(256))}`;
  }

  private userAgent(): string {
    const { random } = this;
    const version = `${String(110 + random.below(30))}.0.${String(random.below(7_000))}.${String(random.below(200))}`;
    return `Mozilla/5.0 (${random.pick(PLATFORMS)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`;
  }

  private url(): string {
    const { random } = this;
    const campaign = String(10_000 + random.below(50));
    return `https://shop.example/${random.pick(PAGES)}/${random.hex(8)}?utm_source=newsletter&utm_campaign=${campaign}&c=${random.hex(16)}`;
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

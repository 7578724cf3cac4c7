import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadOptions, type Post, sendgridLoad, type SigningKey } from './load.ts';
import { ROOT } from '../support/process.ts';
import { Values } from './values.ts';

/** A vendor, as the account of one connection. */
export interface Vendor {
  readonly key: string;
  /** In a request, as the vendor sends it. */
  readonly eventsPerPost: number;
  readonly settings: object;
  /** What the address of the webhook has after its path. */
  readonly query?: string;
  readonly posts: (options: LoadOptions) => Post[];
}

type Item = Record<string, unknown>;

export function vendorsWith(key: SigningKey): readonly Vendor[] {
  return [sendgrid(key), mailgun(), postmark(), smtpcom(), sparkpost()];
}

function sendgrid(key: SigningKey): Vendor {
  const apiKey = `SG.${randomBytes(24).toString('base64url')}`;
  return {
    key: 'sendgrid',
    // The vendor sends a request at 768 KB.
    eventsPerPost: 1_000,
    settings: { apiKey, webhookSigningKey: key.publicKey },
    posts: (options) => sendgridLoad(options, key),
  };
}

function mailgun(): Vendor {
  const webhookSigningKey = `key-${randomBytes(16).toString('hex')}`;
  return {
    key: 'mailgun',
    eventsPerPost: 1,
    settings: { apiKey: randomBytes(16).toString('hex'), domain: 'mg.sender.example', webhookSigningKey },
    posts: fromFixtures('mailgun', ['delivered', 'opened', 'clicked', 'failed-hard'], {
      vary: (item, values, { time, metadata }) => {
        const data = item['event-data'] as Item;
        const message = data['message'] as { headers: Item };
        const recipient = values.recipient();
        Object.assign(data, {
          id: values.id(22),
          timestamp: time + values.below(1_000_000) / 1_000_000,
          recipient,
          'recipient-domain': recipient.split('@')[1],
          'user-variables': metadata,
          ...readerOf(data, 'ip', 'url', values),
        });
        message.headers['message-id'] = `${values.hex(30)}@mg.sender.example`;
        const client = data['client-info'] as Item | undefined;
        if (client !== undefined) client['user-agent'] = values.userAgent();
      },
      request: ([item]) => {
        const timestamp = String(Math.floor(Date.now() / 1_000));
        const token = randomBytes(25).toString('hex');
        const signature = createHmac('sha256', webhookSigningKey)
          .update(timestamp + token)
          .digest('hex');
        return { body: { signature: { token, timestamp, signature }, ...item } };
      },
    }),
  };
}

function postmark(): Vendor {
  const webhookPassword = randomBytes(32).toString('base64url');
  const authorization = basic(webhookPassword);
  return {
    key: 'postmark',
    eventsPerPost: 1,
    settings: { serverToken: randomUUID(), webhookPassword },
    posts: fromFixtures('postmark', ['delivery', 'open', 'click', 'bounce-hard'], {
      vary: (item, values, { time, metadata }) => {
        const at = `${new Date(time * 1_000 + values.below(1_000)).toISOString().slice(0, -1)}0000Z`;
        for (const name of ['DeliveredAt', 'ReceivedAt', 'BouncedAt']) if (name in item) item[name] = at;
        item['Recipient' in item ? 'Recipient' : 'Email'] = values.recipient();
        item['MessageID'] = values.uuid();
        item['Metadata'] = metadata;
        if ('ID' in item) item['ID'] = 1_000_000_000 + values.below(1_000_000_000);
        if ('UserAgent' in item) item['UserAgent'] = values.userAgent();
        if ('OriginalLink' in item) item['OriginalLink'] = values.url();
      },
      request: ([item]) => ({ body: item, headers: ['authorization', authorization] }),
    }),
  };
}

function smtpcom(): Vendor {
  const webhookToken = randomBytes(32).toString('base64url');
  return {
    key: 'smtpcom',
    eventsPerPost: 1_000,
    settings: { apiKey: randomBytes(20).toString('hex'), channel: 'bench', webhookToken },
    query: `?token=${webhookToken}`,
    posts: fromFixtures('smtpcom', ['delivery', 'open', 'click', 'bounce'], {
      vary: (item, values, { time, metadata }) => {
        Object.assign(item, metadata, readerOf(item, 'user_agent', 'url', values), {
          id: values.hex(32),
          tracking_id: values.uuid(),
          rcpt_to: values.recipient(),
          time_started: time,
          time_finished: time,
        });
      },
      request: (items) => ({ body: items }),
    }),
  };
}

function sparkpost(): Vendor {
  const webhookPassword = randomBytes(24).toString('base64url');
  const authorization = basic(webhookPassword);
  return {
    key: 'sparkpost',
    eventsPerPost: 350,
    settings: { apiKey: randomBytes(20).toString('hex'), webhookPassword },
    posts: fromFixtures('sparkpost', ['delivery', 'open', 'click', 'bounce-hard'], {
      vary: (item, values, { time, metadata }) => {
        const [event = {}] = Object.values(item['msys'] as Record<string, Item>);
        const recipient = values.recipient();
        Object.assign(event, readerOf(event, 'user_agent', 'target_link_url', values), {
          event_id: values.digits(19),
          transmission_id: values.digits(19),
          message_id: values.hex(20),
          rcpt_to: recipient,
          raw_rcpt_to: recipient,
          rcpt_hash: values.hex(40),
          rcpt_meta: metadata,
          timestamp: String(time),
        });
      },
      request: (items) => ({ body: items, headers: ['authorization', authorization] }),
    }),
  };
}

interface Form {
  /** Changes a copy of a fixture into an event of its own. */
  readonly vary: (item: Item, values: Values, of: { readonly time: number; readonly metadata: Item }) => void;
  readonly request: (items: readonly Item[]) => { readonly body: unknown; readonly headers?: readonly string[] };
}

/** Generates posts whose events are like those in the fixtures of the vendor's adapter, in turn. */
function fromFixtures(vendor: string, names: readonly string[], { vary, request }: Form): Vendor['posts'] {
  const folder = join(ROOT, `libs/adapter-${vendor}/test/fixtures`);
  const fixtures = names.flatMap((name) => {
    const fixture = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Item | Item[];
    return Array.isArray(fixture) ? fixture : [fixture];
  });
  return ({ seed, posts, eventsPerPost, connectionId }) => {
    const values = new Values(seed);
    const start = Math.floor(Date.now() / 1_000) - posts;
    return Array.from({ length: posts }, (_, post) => {
      const items = Array.from({ length: eventsPerPost }, () => {
        const item = structuredClone(values.pick(fixtures));
        const metadata = {
          ...(connectionId === undefined ? {} : { score_connection_id: connectionId, score_message_id: values.uuid() }),
          campaign_id: String(values.below(50)),
        };
        vary(item, values, { time: start + post, metadata });
        return item;
      });
      const { body, headers = [] } = request(items);
      return {
        headers: ['content-type', 'application/json', ...headers],
        body: Buffer.from(JSON.stringify(body)),
        events: eventsPerPost,
      };
    });
  };
}

/** Of the two fields, those that the event has. */
function readerOf(item: Item, reader: 'ip' | 'user_agent', link: string, values: Values): Item {
  return {
    ...(reader in item ? { [reader]: reader === 'ip' ? values.address() : values.userAgent() } : {}),
    ...(link in item ? { [link]: values.url() } : {}),
  };
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`score-crm:${password}`).toString('base64')}`;
}

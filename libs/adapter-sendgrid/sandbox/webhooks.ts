import { randomUUID } from 'node:crypto';
import {
  jsonAnswer,
  type SandboxAnswer,
  type SandboxRequest,
  type SandboxWebhook,
  type Schema,
  schema,
} from '@score-crm/adapter-kit/sandbox';
import { answers, type ReadBody, readBody } from './answers.ts';
import { WebhookSigner } from './events.ts';

const { flag, object, text } = schema;

/** The events that a webhook can receive: their names in its settings, and in the events themselves. */
const FLAGS = {
  processed: 'processed',
  delivered: 'delivered',
  deferred: 'deferred',
  bounce: 'bounce',
  dropped: 'dropped',
  open: 'open',
  click: 'click',
  spam_report: 'spamreport',
  unsubscribe: 'unsubscribe',
  group_unsubscribe: 'group_unsubscribe',
  group_resubscribe: 'group_resubscribe',
} as const;
type Flag = keyof typeof FLAGS;

const OAUTH = { oauth_client_id: text(), oauth_client_secret: text(), oauth_token_url: text() };
const FLAG_NAMES = Object.keys(FLAGS) as Flag[];

/** The body that creates and updates an event webhook. */
type WebhookJson = Readonly<Record<Flag | 'enabled', boolean>> & {
  readonly url: string;
  readonly friendly_name: string;
};

/** https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json` */
const webhookSchema: Schema = object(
  {
    enabled: flag,
    url: text(),
    friendly_name: text(),
    ...Object.fromEntries(FLAG_NAMES.map((name) => [name, flag])),
    ...OAUTH,
  },
  ['url'],
);
const signedSchema: Schema = object({ enabled: flag }, ['enabled']);
export const testSchema: Schema = object({ id: text(), url: text(), ...OAUTH }, ['url']);

/** All settings: an update replaces them, and omitted ones are off. */
function completed(given: Partial<WebhookJson> & Pick<WebhookJson, 'url'>): WebhookJson {
  const flags = Object.fromEntries(FLAG_NAMES.map((name) => [name, given[name] ?? false])) as Record<Flag, boolean>;
  return { enabled: given.enabled ?? false, url: given.url, ...flags, friendly_name: given.friendly_name ?? '' };
}

/** The settings of a webhook that receives all events. */
export function withAllEvents(url: string): WebhookJson {
  const flags = Object.fromEntries(FLAG_NAMES.map((name) => [name, true]));
  return completed({ enabled: true, url, ...flags });
}

/** Whether a webhook receives an event of this name. */
export function receives({ settings }: EventWebhook, event: string): boolean {
  return settings.enabled && FLAG_NAMES.some((name) => FLAGS[name] === event && settings[name]);
}

/** An event webhook of the account. */
export class EventWebhook implements SandboxWebhook {
  readonly id = randomUUID();
  readonly createdAt = new Date().toISOString();
  updatedAt = this.createdAt;
  /** Present while its requests are signed; disabling that destroys the key. */
  signer: WebhookSigner | undefined;

  constructor(public settings: WebhookJson) {}

  get url(): string {
    return this.settings.url;
  }
}

const ROOT = '/v3/user/webhooks/event/settings';
// The limit of the Pro plan.
const MAX_ALLOWED = 5;

export function isAboutSettings(path: string): boolean {
  return path === ROOT || path.startsWith(`${ROOT}/`);
}

/**
 * The settings API of the event webhooks, which are changed in place, oldest first.
 * https://www.twilio.com/docs/sendgrid/api-reference/webhooks
 */
export class WebhookSettings {
  constructor(private readonly webhooks: EventWebhook[]) {}

  answer({ method, path, body }: SandboxRequest): SandboxAnswer {
    const [first = '', second, ...rest] = path.slice(ROOT.length + 1).split('/');
    if (rest.length > 0 || (second !== undefined && first !== 'signed')) return answers.notFound;
    if (first === 'signed') return this.answerSigned(method, this.find(second), body);
    if (first === 'all') return method === 'GET' ? this.list() : answers.wrongMethod;
    if (first === '' && method === 'POST') return this.create(body);
    // A pitfall of this API: an update without an id applies to the account's oldest webhook.
    const webhook = first === '' && method === 'PATCH' ? this.webhooks[0] : this.find(first);
    if (webhook === undefined) return first === '' ? answers.wrongMethod : answers.invalidId;
    if (method === 'PATCH') return this.update(webhook, body);
    if (method === 'GET') return jsonAnswer(200, shown(webhook));
    if (method !== 'DELETE') return answers.wrongMethod;
    this.webhooks.splice(this.webhooks.indexOf(webhook), 1);
    return { status: 204 };
  }

  private find(wanted: string | undefined): EventWebhook | undefined {
    return this.webhooks.find(({ id }) => id === wanted);
  }

  private list(): SandboxAnswer {
    const webhooks = this.webhooks.map((webhook) => ({ ...shown(webhook), public_key: publicKey(webhook) }));
    // If there is none, the vendor lists an empty one.
    return jsonAnswer(200, { max_allowed: MAX_ALLOWED, webhooks: webhooks.length === 0 ? [{}] : webhooks });
  }

  private create(body: Buffer): SandboxAnswer {
    const read = this.read(body);
    if ('refusal' in read) return read.refusal;
    if (this.webhooks.length >= MAX_ALLOWED) return answers.tooManyWebhooks;
    const webhook = new EventWebhook(read.json);
    this.webhooks.push(webhook);
    return jsonAnswer(201, shown(webhook));
  }

  private update(webhook: EventWebhook, body: Buffer): SandboxAnswer {
    const read = this.read(body, webhook);
    if ('refusal' in read) return read.refusal;
    webhook.settings = read.json;
    webhook.updatedAt = new Date().toISOString();
    return jsonAnswer(200, shown(webhook));
  }

  private answerSigned(method: string, webhook: EventWebhook | undefined, body: Buffer): SandboxAnswer {
    if (method !== 'GET' && method !== 'PATCH') return answers.wrongMethod;
    if (webhook === undefined) return answers.invalidId;
    if (method === 'PATCH') {
      const read = readBody<{ readonly enabled: boolean }>(body, signedSchema);
      if ('refusal' in read) return read.refusal;
      // Whether an existing key is kept is undocumented, so clients must not rely on it.
      webhook.signer = read.json.enabled ? new WebhookSigner() : undefined;
    }
    return jsonAnswer(200, { id: webhook.id, public_key: publicKey(webhook) });
  }

  private read(body: Buffer, self?: EventWebhook): ReadBody<WebhookJson> {
    const read = readBody<WebhookJson>(body, webhookSchema);
    if ('refusal' in read) return read;
    const { url } = read.json;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      return { refusal: answers.invalid([{ message: `'${url}' is not a valid url` }]) };
    }
    const other = this.webhooks.find((known) => known.url === url && known.id !== self?.id);
    return other === undefined ? { json: completed(read.json) } : { refusal: answers.duplicateWebhook(other) };
  }
}

function shown({ id, settings, createdAt, updatedAt }: EventWebhook): object {
  return { ...settings, id, created_date: createdAt, updated_date: updatedAt };
}

function publicKey({ signer }: EventWebhook): string {
  return signer?.publicKey ?? '';
}

import { randomBytes, randomUUID } from 'node:crypto';
import {
  type PostOutcome,
  type SandboxAnswer,
  type SandboxWebhook,
  type Schema,
  schema,
  WebhookFeed,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { answers, readJson, schemaErrors } from './answers.ts';
import type { SandboxEvent } from './events.ts';

/** The body of `POST /webhooks`, after it was checked, with its defaults. */
export interface WebhookJson {
  readonly name: string;
  readonly target: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly auth_type: string;
  readonly auth_credentials: { readonly username?: string; readonly password?: string };
  readonly custom_headers: Readonly<Record<string, string>>;
  /** Of a legacy webhook. */
  readonly auth_token: string;
}

export const WEBHOOK_DEFAULTS: Omit<WebhookJson, 'name' | 'target' | 'events'> = {
  active: true,
  auth_type: 'none',
  auth_credentials: {},
  custom_headers: {},
  auth_token: '',
};

const { flag, list, object, text } = schema;

/** https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types */
const EVENTS: ReadonlySet<string> = new Set([
  'injection',
  'delivery',
  'delay',
  'bounce',
  'out_of_band',
  'policy_rejection',
  'generation_rejection',
  'generation_failure',
  'spam_complaint',
  'open',
  'initial_open',
  'amp_open',
  'click',
  'amp_click',
  'list_unsubscribe',
  'link_unsubscribe',
  'amp_initial_open',
  'relay_injection',
  'relay_delivery',
  'relay_tempfail',
  'relay_permfail',
  'relay_rejection',
  'ab_test_completed',
  'ab_test_cancelled',
  'success',
  'error',
  'sms_status',
]);
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])$/;

/** As the vendor requires; on loopback, where a test listens, neither HTTPS nor port 443. */
function isTarget(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, hostname, port } = new URL(target);
  return LOOPBACK.test(hostname) ? /^https?:$/.test(protocol) : protocol === 'https:' && port === '';
}

const members = {
  // The API states no limit; the console accepts 24 characters.
  name: text({ min: 1, max: 24 }),
  target: text({ pattern: { test: isTarget } }),
  events: list(text({ pattern: { test: (event) => EVENTS.has(event) } }), { min: 1 }),
  active: flag,
  custom_headers: schema.texts,
  // OAuth 2.0 is documented too, but not used here.
  auth_type: text({ pattern: /^(?:none|basic)$/ }),
  auth_credentials: object({ username: text({ min: 1 }), password: text({ min: 1 }) }, ['username', 'password']),
};

/**
 * The vendor ignores unknown members; here they are rejected.
 * https://developers.sparkpost.com/api/webhooks/#header-webhooks-object
 */
const createSchema: Schema = object(members, ['name', 'target', 'events']);
const updateSchema: Schema = object(members);

export interface StoredWebhook extends SandboxWebhook {
  readonly json: WebhookJson;
  /** `YYYY-MM-DD HH:MM:SS` in UTC, of the vendor's tests of the URL. */
  readonly last_successful?: string;
  readonly last_failure?: string;
}

/**
 * `/webhooks` of the API. Before one is created or gets another URL, the URL is tested and must respond with 200.
 * https://developers.sparkpost.com/api/webhooks
 */
export class WebhooksApi {
  constructor(
    private readonly stored: StoredWebhook[],
    private readonly feed: BatchFeed,
  ) {}

  /** Adds one without testing its URL. */
  put(json: WebhookJson, id: string = randomUUID()): StoredWebhook {
    return this.save({ ...this.find(id), id, url: json.target, json });
  }

  /** @param path after `/webhooks` */
  async answer(method: string, path: string, query: URLSearchParams, body: Buffer): Promise<SandboxAnswer> {
    if (path === '') return this.collection(method, body);
    const [, id = '', action] = path.split('/').map(decodeURIComponent);
    const webhook = this.find(id);
    if (webhook === undefined) return answers.notFound;
    if (action === 'validate') return method === 'POST' ? this.validate(webhook, body) : answers.wrongMethod;
    if (action === 'batch-status') return method === 'GET' ? this.batches(webhook, query) : answers.wrongMethod;
    if (action !== undefined) return answers.notFound;
    if (method === 'GET') return answers.results(shown(webhook));
    if (method === 'PUT') return this.update(webhook, body);
    if (method !== 'DELETE') return answers.wrongMethod;
    this.stored.splice(this.stored.indexOf(webhook), 1);
    return answers.deleted;
  }

  private collection(method: string, body: Buffer): SandboxAnswer | Promise<SandboxAnswer> {
    if (method === 'POST') return this.create(body);
    return method === 'GET' ? answers.results(this.stored.map(listed)) : answers.wrongMethod;
  }

  private async create(body: Buffer): Promise<SandboxAnswer> {
    const json = readJson(body);
    const faults = schemaErrors(createSchema, json);
    if (faults.length > 0) return answers.invalid(faults);
    const wanted = { ...WEBHOOK_DEFAULTS, ...(json as WebhookJson) };
    if (lacksCredentials(wanted)) return answers.invalid([MISSING_CREDENTIALS]);
    const outcome = await this.ping(wanted);
    if (outcome?.status !== 200) return answers.targetFailed(outcome);
    const { id } = this.put(wanted);
    this.note(id, true);
    return answers.results({ id, links: [] });
  }

  private async update(webhook: StoredWebhook, body: Buffer): Promise<SandboxAnswer> {
    const json = readJson(body);
    const faults = schemaErrors(updateSchema, json);
    if (faults.length > 0) return answers.invalid(faults);
    const wanted = { ...webhook.json, ...(json as Partial<WebhookJson>) };
    if (lacksCredentials(wanted)) return answers.invalid([MISSING_CREDENTIALS]);
    const outcome = wanted.target === webhook.url ? undefined : await this.ping(wanted);
    if (wanted.target !== webhook.url && outcome?.status !== 200) return answers.targetFailed(outcome);
    this.put(wanted, webhook.id);
    return answers.results({ id: webhook.id, links: [] });
  }

  private async validate({ id, json }: StoredWebhook, body: Buffer): Promise<SandboxAnswer> {
    if (JSON.stringify(readJson(body)) !== PING) return answers.badJson;
    const response = await this.ping(json);
    this.note(id, response?.status === 200);
    if (response?.status !== 200) return answers.targetFailed(response);
    return answers.results({ msg: 'Test POST to endpoint succeeded', response });
  }

  private batches({ url }: StoredWebhook, query: URLSearchParams): SandboxAnswer {
    const limit = query.get('limit') ?? String(MAX_BATCHES);
    const isLimit = /^[1-9]\d{0,2}$/.test(limit) && Number(limit) <= MAX_BATCHES;
    if (!isLimit || [...query.keys()].some((name) => name !== 'limit')) return answers.invalid([INVALID_LIMIT]);
    return answers.results(this.feed.repeated(url, Number(limit)));
  }

  private async ping(json: WebhookJson): Promise<PostOutcome | undefined> {
    return this.feed.post(pingPost(json)).catch(() => undefined);
  }

  private note(id: string, succeeded: boolean): void {
    const webhook = this.find(id);
    const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
    if (webhook === undefined) return;
    this.save({ ...webhook, [succeeded ? 'last_successful' : 'last_failure']: time });
  }

  private find(id: string): StoredWebhook | undefined {
    return this.stored.find((webhook) => webhook.id === id);
  }

  private save(webhook: StoredWebhook): StoredWebhook {
    const index = this.stored.findIndex(({ id }) => id === webhook.id);
    this.stored.splice(index < 0 ? this.stored.length : index, 1, webhook);
    return webhook;
  }
}

/** A batch that was not delivered by its first request. */
interface RepeatedBatch {
  readonly batch_id: string;
  readonly ts: string;
  readonly attempts: number;
  readonly response_code: string;
  readonly failure_code?: string;
  /** In milliseconds. */
  readonly latency: number;
}

const BATCH_ID = 'x-messagesystems-batch-id';
const PING = '[{"msys":{}}]';

/** Posts batches, and records those that were repeated. The vendor's tests of a URL are no batches. */
export class BatchFeed extends WebhookFeed {
  private readonly batches = new Map<string, RepeatedBatch & { readonly url: string }>();

  override async post(post: WebhookPost): Promise<PostOutcome> {
    const begun = performance.now();
    try {
      const outcome = await super.post(post);
      this.note(post, outcome.status, begun);
      return outcome;
    } catch (error) {
      this.note(post, 0, begun);
      throw error;
    }
  }

  /** Newest first. */
  repeated(url: string, limit: number): readonly RepeatedBatch[] {
    return [...this.batches.values()]
      .filter((batch) => batch.url === url && (batch.attempts > 1 || batch.failure_code !== undefined))
      .map(({ url: _url, ...batch }) => batch)
      .toReversed()
      .slice(0, limit);
  }

  private note({ url, headers, body }: WebhookPost, status: number, begun: number): void {
    if (body === PING) return;
    const id = headers[BATCH_ID] ?? '';
    const attempts = (this.batches.get(id)?.attempts ?? 0) + 1;
    this.batches.delete(id);
    this.batches.set(id, {
      url,
      batch_id: id,
      ts: new Date().toISOString(),
      attempts,
      response_code: String(status),
      ...(status === 200 ? {} : { failure_code: String(status) }),
      latency: Math.round(performance.now() - begun),
    });
  }
}

const MAX_BATCHES = 100;
const INVALID_LIMIT = { message: 'invalid data format/type', description: 'limit is not valid', code: '1300' };
const MISSING_CREDENTIALS = {
  message: 'required field is missing',
  description: 'auth_credentials is required for auth_type basic',
  code: '1400',
};

function lacksCredentials({ auth_type, auth_credentials }: WebhookJson): boolean {
  return auth_type === 'basic' && auth_credentials.password === undefined;
}

/** The vendor returns the credentials unencrypted. */
function shown({ json }: StoredWebhook): object {
  return { ...json, auth_request_details: {}, exception_subaccounts: [], links: [] };
}

function listed(webhook: StoredWebhook): object {
  const { id, last_successful, last_failure } = webhook;
  return { id, ...shown(webhook), last_successful, last_failure };
}

/** The vendor's test of a URL: an item without a class. */
function pingPost(webhook: WebhookJson): WebhookPost {
  return post(webhook, [{ msys: {} }]);
}

/** The events that a webhook has selected, in one batch; no request if there are none. */
export function batchPost(webhook: WebhookJson, events: readonly SandboxEvent[]): readonly WebhookPost[] {
  const wanted = events.filter(({ event }) => webhook.events.includes(event.type));
  if (!webhook.active || wanted.length === 0) return [];
  const items = wanted.map(({ class: name, event }) => ({ msys: { [name]: event } }));
  return [post(webhook, items)];
}

function post(webhook: WebhookJson, batch: readonly object[]): WebhookPost {
  return {
    url: webhook.target,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'SparkPost',
      [BATCH_ID]: randomBytes(16).toString('hex'),
      ...authentication(webhook),
      ...webhook.custom_headers,
    },
    body: JSON.stringify(batch),
  };
}

function authentication({ auth_type, auth_credentials, auth_token }: WebhookJson): Record<string, string> {
  if (auth_token !== '') return { 'x-messagesystems-webhook-token': auth_token };
  if (auth_type !== 'basic') return {};
  const { username = '', password = '' } = auth_credentials;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

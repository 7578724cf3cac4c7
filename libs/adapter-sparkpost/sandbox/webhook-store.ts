import { randomUUID } from 'node:crypto';
import type { PostOutcome, SandboxAnswer, SandboxWebhook, WebhookFeed } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { readJson } from './read-json.ts';
import { schemaErrors } from './schema-errors.ts';
import { WEBHOOK_DEFAULTS, type WebhookJson } from './webhook-json.ts';
import { pingPost } from './webhook-posts.ts';
import { createSchema, updateSchema } from './webhook-schema.ts';

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
export class WebhookStore {
  private readonly stored = new Map<string, StoredWebhook>();

  constructor(private readonly feed: WebhookFeed) {}

  get all(): readonly StoredWebhook[] {
    return [...this.stored.values()];
  }

  /** Adds one without testing its URL. */
  put(json: WebhookJson, id: string = randomUUID()): StoredWebhook {
    const webhook = { ...this.stored.get(id), id, url: json.target, json };
    this.stored.set(id, webhook);
    return webhook;
  }

  /** @param path after `/webhooks` */
  async answer(method: string, path: string, body: Buffer): Promise<SandboxAnswer> {
    if (path === '') return this.collection(method, body);
    const [, id = '', action] = path.split('/').map(decodeURIComponent);
    const webhook = this.stored.get(id);
    if (webhook === undefined) return answers.notFound;
    if (action === 'validate') return method === 'POST' ? this.validate(webhook, body) : answers.wrongMethod;
    if (action !== undefined) return answers.notFound;
    if (method === 'GET') return answers.results(shown(webhook));
    if (method === 'PUT') return this.update(webhook, body);
    if (method !== 'DELETE') return answers.wrongMethod;
    this.stored.delete(id);
    return answers.deleted;
  }

  private collection(method: string, body: Buffer): SandboxAnswer | Promise<SandboxAnswer> {
    if (method === 'POST') return this.create(body);
    return method === 'GET' ? answers.results(this.all.map(listed)) : answers.wrongMethod;
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
    if (JSON.stringify(readJson(body)) !== '[{"msys":{}}]') return answers.badJson;
    const response = await this.ping(json);
    this.note(id, response?.status === 200);
    if (response?.status !== 200) return answers.targetFailed(response);
    return answers.results({ msg: 'Test POST to endpoint succeeded', response });
  }

  private async ping(json: WebhookJson): Promise<PostOutcome | undefined> {
    return this.feed.post(pingPost(json)).catch(() => undefined);
  }

  private note(id: string, succeeded: boolean): void {
    const webhook = this.stored.get(id);
    const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
    if (webhook === undefined) return;
    this.stored.set(id, { ...webhook, [succeeded ? 'last_successful' : 'last_failure']: time });
  }
}

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

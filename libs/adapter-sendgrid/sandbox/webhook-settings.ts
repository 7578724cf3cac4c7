import { jsonAnswer, type SandboxAnswer, type SandboxRequest } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import type { EventWebhook, EventWebhooks } from './event-webhooks.ts';
import { type ReadBody, readBody } from './read-body.ts';
import { completed, signedSchema, type WebhookJson, webhookSchema } from './webhook-json.ts';
import { WebhookSigner } from './webhook-signer.ts';

const ROOT = '/v3/user/webhooks/event/settings';
// The limit of the Pro plan.
const MAX_ALLOWED = 5;

export function isAboutSettings(path: string): boolean {
  return path === ROOT || path.startsWith(`${ROOT}/`);
}

/** The settings API of the event webhooks. https://www.twilio.com/docs/sendgrid/api-reference/webhooks */
export class WebhookSettings {
  constructor(private readonly webhooks: EventWebhooks) {}

  answer({ method, path, body }: SandboxRequest): SandboxAnswer {
    const [first = '', second, ...rest] = path.slice(ROOT.length + 1).split('/');
    if (rest.length > 0 || (second !== undefined && first !== 'signed')) return answers.notFound;
    if (first === 'signed') return this.answerSigned(method, this.webhooks.find(second ?? ''), body);
    if (first === 'all') return method === 'GET' ? this.list() : answers.wrongMethod;
    if (first === '' && method === 'POST') return this.create(body);
    // A pitfall of this API: an update without an id applies to the account's oldest webhook.
    const webhook = first === '' && method === 'PATCH' ? this.webhooks.all[0] : this.webhooks.find(first);
    if (webhook === undefined) return first === '' ? answers.wrongMethod : answers.invalidId;
    if (method === 'PATCH') return this.update(webhook, body);
    if (method === 'GET') return jsonAnswer(200, shown(webhook));
    if (method !== 'DELETE') return answers.wrongMethod;
    this.webhooks.remove(webhook);
    return { status: 204 };
  }

  private list(): SandboxAnswer {
    const webhooks = this.webhooks.all.map((webhook) => ({ ...shown(webhook), public_key: publicKey(webhook) }));
    // If there is none, the vendor lists an empty one.
    return jsonAnswer(200, { max_allowed: MAX_ALLOWED, webhooks: webhooks.length === 0 ? [{}] : webhooks });
  }

  private create(body: Buffer): SandboxAnswer {
    const read = this.read(body);
    if ('refusal' in read) return read.refusal;
    if (this.webhooks.all.length >= MAX_ALLOWED) return answers.tooManyWebhooks;
    return jsonAnswer(201, shown(this.webhooks.add(read.json)));
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
    const other = this.webhooks.registered.find((known) => known.url === url && known.id !== self?.id);
    return other === undefined ? { json: completed(read.json) } : { refusal: answers.duplicateWebhook(other) };
  }
}

function shown({ id, settings, createdAt, updatedAt }: EventWebhook): object {
  return { ...settings, id, created_date: createdAt, updated_date: updatedAt };
}

function publicKey({ signer }: EventWebhook): string {
  return signer?.publicKey ?? '';
}

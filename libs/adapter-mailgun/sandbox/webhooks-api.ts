import { jsonAnswer, type SandboxAnswer, type SandboxRequest } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { readForm, textsOf } from './read-form.ts';
import { WEBHOOK_TYPES, type WebhookUrls } from './webhook-urls.ts';

/** The webhooks of a domain. https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks */
export class WebhooksApi {
  constructor(private readonly urls: WebhookUrls) {}

  async answer(version: string, request: SandboxRequest): Promise<SandboxAnswer> {
    if (version === 'v3' && request.method === 'GET') return this.list();
    if (version !== 'v4') return answers.notFound;
    if (request.method === 'DELETE') return this.remove(request.query);
    return request.method === 'POST' || request.method === 'PUT' ? this.save(request) : answers.notFound;
  }

  private async save(request: SandboxRequest): Promise<SandboxAnswer> {
    const form = await readForm(request);
    if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '') || form === undefined) {
      return answers.invalidWebhook('invalid request content type');
    }
    const [url = '', ...others] = textsOf(form, 'url');
    const types = textsOf(form, 'event_types');
    const strange = types.find((type) => !WEBHOOK_TYPES.includes(type));
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
      return answers.invalidWebhook(`invalid parameters: ${url} is not a valid url: invalid URL scheme`);
    }
    if (others.length > 0 || types.length === 0 || strange !== undefined) {
      return answers.invalidWebhook(`invalid parameters: event_types ${strange ?? ''}`);
    }
    const known = this.urls.known(url, request.method === 'PUT' ? WEBHOOK_TYPES : types);
    if (request.method === 'PUT' && known === undefined) return answers.webhookNotFound;
    if (request.method === 'POST' && known !== undefined) {
      return answers.invalidWebhook(`Webhook for event type '${known}' with URL '${url}' already exists`);
    }
    const full = this.urls.full(url, types);
    if (full !== undefined) return answers.invalidWebhook(`Webhook for event type '${full}' has 3 URLs already`);
    // Creation adds to the events of the URL; an update replaces them.
    const before =
      request.method === 'POST' ? WEBHOOK_TYPES.filter((type) => this.urls.urlsOf(type).includes(url)) : [];
    this.urls.set(url, [...before, ...types]);
    return this.list();
  }

  private remove(query: URLSearchParams): SandboxAnswer {
    const urls = query.getAll('url').flatMap((some) => some.split(','));
    if (urls.join('') === '') return jsonAnswer(400, { Field: 'url' });
    for (const url of urls) this.urls.remove(url);
    return this.list();
  }

  private list(): SandboxAnswer {
    return jsonAnswer(200, this.urls.json);
  }
}

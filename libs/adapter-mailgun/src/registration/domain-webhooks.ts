import { AdapterError, type HttpResponse, isJsonObject, type JsonItem } from '@score-crm/adapter-kit';
import { urlEncoded } from '../api/form-body.ts';
import type { ApiCall, MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { URL_SEPARATOR } from '../assumptions.ts';
import { objectIn } from '../webhooks/json-member.ts';
import { EVENT_TYPES, type EventType } from './event-types.ts';
import { WEBHOOK_ERRORS } from './webhook-error-map.ts';

/** The URLs of each type of event. */
export type WebhookUrls = ReadonlyMap<EventType, readonly string[]>;

/**
 * The webhooks of a domain. They are changed through version 4, which concerns a single URL; version 3 sets the list of
 * all URLs of a type, including those of others.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks All methods reject with an
 * AdapterError.
 */
export class DomainWebhooks {
  constructor(
    private readonly api: MailgunApi,
    private readonly settings: MailgunSettings,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async all(): Promise<WebhookUrls> {
    const response = await this.call({ method: 'GET', path: this.path('v3') });
    const body = response.jsonOrUndefined();
    if (!isJsonObject(body) || !isJsonObject(body['webhooks'])) throw unreadable(response);
    const { webhooks } = body as { readonly webhooks: JsonItem };
    return new Map(EVENT_TYPES.map((type) => [type, urlsIn(objectIn(webhooks, type))]));
  }

  /** For a URL that does not receive any events yet. */
  async create(url: string): Promise<void> {
    await this.call({ method: 'POST', path: this.path('v4'), form: allEvents(url) });
  }

  /** For a URL that already receives some events. */
  async update(url: string): Promise<void> {
    await this.call({ method: 'PUT', path: this.path('v4'), form: allEvents(url) });
  }

  async remove(url: string): Promise<void> {
    if (url.includes(URL_SEPARATOR)) throw severalUrls();
    await this.call({ method: 'DELETE', path: `${this.path('v4')}?url=${encodeURIComponent(url)}` });
  }

  private path(version: 'v3' | 'v4'): string {
    return `/${version}/domains/${encodeURIComponent(this.settings.domain)}/webhooks`;
  }

  private call(call: ApiCall): Promise<HttpResponse> {
    return this.api.call(this.settings, { ...call, signal: this.signal }, WEBHOOK_ERRORS);
  }
}

function allEvents(url: string): ReturnType<typeof urlEncoded> {
  const fields = new URLSearchParams({ url });
  for (const type of EVENT_TYPES) fields.append('event_types', type);
  return urlEncoded(fields);
}

function urlsIn({ urls }: JsonItem): readonly string[] {
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [];
}

function severalUrls(): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'unsupported',
    fault: 'configuration',
    retryable: false,
    hint: 'Mailgun may treat a URL with a comma as several, and remove webhooks of others. Remove it there manually.',
  });
}

function unreadable({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_response',
    fault: 'vendor',
    retryable: true,
    status,
    hint: 'Mailgun’s response about webhooks has an unknown form. Check the base URL, or try again later.',
  });
}

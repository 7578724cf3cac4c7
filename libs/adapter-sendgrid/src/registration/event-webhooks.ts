import { AdapterError, type HttpResponse, type JsonItem, textOf } from '@score-crm/adapter-kit';
import { responseError } from '../api/response-error.ts';
import type { ApiCall, SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { parseVerificationKey } from '../settings/verification-key.ts';
import { entryId, type EventWebhook, readEventWebhook } from './event-webhook.ts';
import { WEBHOOK_ERRORS } from './webhook-error-map.ts';

const PATH = '/v3/user/webhooks/event/settings';

/**
 * The event webhooks of an account. Only `create` is called without an id: without one, the vendor applies an update to
 * the account's oldest webhook.
 * https://www.twilio.com/docs/sendgrid/api-reference/webhooks All methods reject with an AdapterError.
 */
export class EventWebhooks {
  constructor(
    private readonly api: SendgridApi,
    private readonly settings: SendgridSettings,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async all(): Promise<readonly EventWebhook[]> {
    const response = await this.call({ method: 'GET', path: `${PATH}/all` });
    const { webhooks } = objectIn(response);
    if (!Array.isArray(webhooks)) throw unreadable(response);
    return webhooks.flatMap((item: unknown) => readEventWebhook(item) ?? []);
  }

  /** Returns the existing webhook as `existing` if the vendor already has one with this URL. */
  async create(settings: object): Promise<{ readonly created: string } | { readonly existing: ExistingWebhook }> {
    const call = { method: 'POST', path: PATH, body: JSON.stringify(settings) } as const;
    const response = await this.api.request(this.settings, { ...call, signal: this.signal });
    if (response.ok) return { created: idIn(response) };
    const existing = response.status === 400 ? existingIn(response) : undefined;
    if (existing !== undefined) return { existing };
    throw responseError(response, this.settings, WEBHOOK_ERRORS);
  }

  async update(id: string, settings: object): Promise<void> {
    await this.call({ method: 'PATCH', path: `${PATH}/${id}`, body: JSON.stringify(settings) });
  }

  /** Succeeds if it no longer exists. */
  async remove(id: string): Promise<void> {
    try {
      await this.call({ method: 'DELETE', path: `${PATH}/${id}` });
    } catch (error) {
      if (!(error instanceof AdapterError) || error.details.status !== 404) throw error;
    }
  }

  /** Enables signing, which is not possible during creation. @returns the key to verify with */
  async sign(id: string): Promise<string> {
    const body = JSON.stringify({ enabled: true });
    const response = await this.call({ method: 'PATCH', path: `${PATH}/signed/${id}`, body });
    const key = textOf(objectIn(response), 'public_key') ?? '';
    if (parseVerificationKey(key) === undefined) throw unreadable(response);
    return key;
  }

  /** Makes the vendor post one event of each kind to the URL, signed like the webhook with this id. */
  async test(id: string, url: string): Promise<void> {
    await this.call({ method: 'POST', path: '/v3/user/webhooks/event/test', body: JSON.stringify({ id, url }) });
  }

  private call(call: ApiCall): Promise<HttpResponse> {
    return this.api.call(this.settings, { ...call, signal: this.signal }, WEBHOOK_ERRORS);
  }
}

/** The existing webhook that is in the way of a new one. */
export interface ExistingWebhook {
  readonly id: string;
  readonly url: string;
}

function existingIn(response: HttpResponse): ExistingWebhook | undefined {
  const { errors } = objectIn(response);
  if (!Array.isArray(errors)) return undefined;
  const [existing] = errors.flatMap((error: JsonItem | null) => {
    const fault = error ?? {};
    const id = entryId(fault);
    const isThere = /already exists/i.test(textOf(fault, 'message') ?? '');
    return isThere && id !== undefined ? [{ id, url: textOf(fault, 'url') ?? '' }] : [];
  });
  return existing;
}

function idIn(response: HttpResponse): string {
  const id = entryId(objectIn(response));
  if (id === undefined) throw unreadable(response);
  return id;
}

function objectIn(response: HttpResponse): JsonItem {
  const body = response.jsonOrUndefined();
  return typeof body === 'object' && body !== null ? (body as JsonItem) : {};
}

function unreadable({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_response',
    fault: 'vendor',
    retryable: true,
    status,
    hint: 'SendGrid’s response about event webhooks has an unknown form. Check the base URL, or try again later.',
  });
}

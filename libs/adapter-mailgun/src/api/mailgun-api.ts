import type { HttpClient, HttpResponse, VendorEndpoints } from '@score-crm/adapter-kit';
import type { MailgunSettings, Region } from '../settings/mailgun.settings.ts';
import { MAIL_MEANINGS } from './mail-meanings.ts';
import { type Meanings, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the host on, e.g. `/v4/domains/mg.example.com`. */
  readonly path: string;
  readonly form?: FormBody;
  readonly signal?: AbortSignal | undefined;
}

/** A form as it goes over the wire. */
export interface FormBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

// https://documentation.mailgun.com/docs/mailgun/api-reference/api-overview
const BASE_URLS: Readonly<Record<Region, string>> = {
  us: 'https://api.mailgun.net',
  eu: 'https://api.eu.mailgun.net',
};

/**
 * The API, called with the key of whoever calls.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/authentication
 */
export class MailgunApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  baseUrl({ region }: MailgunSettings): string {
    return this.endpoints.baseUrl('mailgun', BASE_URLS[region]);
  }

  /** Any status is an answer. @throws AdapterError what `HttpClient` throws */
  request(settings: MailgunSettings, { method, path, form, signal }: ApiCall): Promise<HttpResponse> {
    return this.http.request({
      method,
      url: this.baseUrl(settings) + path,
      headers: {
        authorization: `Basic ${Buffer.from(`api:${settings.apiKey}`).toString('base64')}`,
        accept: 'application/json',
        ...(form === undefined ? {} : { 'content-type': form.type }),
      },
      ...(form === undefined ? {} : { body: form.bytes }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** @throws AdapterError for any status but 2xx, and for what `HttpClient` throws */
  async call(settings: MailgunSettings, call: ApiCall, meanings: Meanings = MAIL_MEANINGS): Promise<HttpResponse> {
    const response = await this.request(settings, call);
    if (!response.ok) throw responseError(response, settings, meanings);
    return response;
  }
}

import type { HttpClient, HttpResponse, VendorEndpoints } from '@score-crm/adapter-kit';
import type { Region, SendgridSettings } from '../settings/sendgrid.settings.ts';
import { MAIL_MEANINGS } from './mail-meanings.ts';
import { type Meanings, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the host on, e.g. `/v3/scopes`. */
  readonly path: string;
  /** JSON, as it goes over the wire. */
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

// https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication
const BASE_URLS: Readonly<Record<Region, string>> = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
};

/** The v3 Web API, called with the key of whoever calls. */
export class SendgridApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  baseUrl({ region }: SendgridSettings): string {
    return this.endpoints.baseUrl('sendgrid', BASE_URLS[region]);
  }

  /** Any status is an answer. @throws AdapterError what `HttpClient` throws */
  request(settings: SendgridSettings, { method, path, body, signal }: ApiCall): Promise<HttpResponse> {
    return this.http.request({
      method,
      url: this.baseUrl(settings) + path,
      headers: {
        authorization: `Bearer ${settings.apiKey}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** @throws AdapterError for any status but 2xx, and for what `HttpClient` throws */
  async call(settings: SendgridSettings, call: ApiCall, meanings: Meanings = MAIL_MEANINGS): Promise<HttpResponse> {
    const response = await this.request(settings, call);
    if (!response.ok) throw responseError(response, settings, meanings);
    return response;
  }
}

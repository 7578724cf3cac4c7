import type { HttpClient, HttpResponse, VendorEndpoints } from '@score-crm/adapter-kit';
import type { Region, SendgridSettings } from '../settings/sendgrid.settings.ts';
import { MAIL_ERRORS } from './mail-error-map.ts';
import { type ErrorMap, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The path after the host, e.g. `/v3/scopes`. */
  readonly path: string;
  /** The serialized JSON. */
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

// https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication
const BASE_URLS: Readonly<Record<Region, string>> = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
};

/** The v3 Web API. Each call uses the key of its settings. */
export class SendgridApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  baseUrl({ region }: SendgridSettings): string {
    return this.endpoints.baseUrl('sendgrid', BASE_URLS[region]);
  }

  /** Resolves for any status. @throws AdapterError as `HttpClient` does */
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

  /** @throws AdapterError for any status other than 2xx, and as `HttpClient` does */
  async call(settings: SendgridSettings, call: ApiCall, errorMap: ErrorMap = MAIL_ERRORS): Promise<HttpResponse> {
    const response = await this.request(settings, call);
    if (!response.ok) throw responseError(response, settings, errorMap);
    return response;
  }
}

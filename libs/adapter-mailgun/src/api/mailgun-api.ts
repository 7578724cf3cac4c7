import type { HttpClient, HttpResponse, VendorEndpoints } from '@score-crm/adapter-kit';
import type { MailgunSettings, Region } from '../settings/mailgun.settings.ts';
import { MAIL_ERRORS } from './mail-error-map.ts';
import { type ErrorMap, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path after the host, e.g. `/v4/domains/mg.example.com`. */
  readonly path: string;
  readonly form?: FormBody;
  readonly signal?: AbortSignal | undefined;
}

/** The serialized form. */
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
 * The API. Each call uses the key of its settings.
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

  /** Resolves for any status. @throws AdapterError as `HttpClient` does */
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

  /** @throws AdapterError for any status other than 2xx, and as `HttpClient` does */
  async call(settings: MailgunSettings, call: ApiCall, errorMap: ErrorMap = MAIL_ERRORS): Promise<HttpResponse> {
    const response = await this.request(settings, call);
    if (!response.ok) throw responseError(response, settings, errorMap);
    return response;
  }
}

import { AdapterError, type HttpClient, type HttpResponse, type VendorEndpoints } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { envelopeOf, isObject, type JsonObject } from './envelope.ts';
import { responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The path after the host, e.g. `/v4/messages`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
}

const BASE_URL = 'https://api.smtp.com';

/**
 * The API v4. Each call uses the key of its settings.
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`
 */
export class SmtpcomApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  get baseUrl(): string {
    return this.endpoints.baseUrl('smtpcom', BASE_URL);
  }

  /**
   * Returns the `data` of the response; empty if it is not an object.
   * @throws AdapterError for any response that is not a success of the vendor's, and as `HttpClient` does
   */
  async call(settings: SmtpcomSettings, { method, path, query, body, signal }: ApiCall): Promise<JsonObject> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const response = await this.http.request({
      method,
      url: this.baseUrl + path + search,
      headers: { 'x-smtpcom-api': settings.apiKey, accept: 'application/json' },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return dataOf(response, settings);
  }
}

function dataOf(response: HttpResponse, settings: SmtpcomSettings): JsonObject {
  if (!response.ok) throw responseError(response, settings);
  const envelope = envelopeOf(response);
  if (envelope === undefined) throw notSmtpcom(response);
  if (envelope.status !== 'success') throw responseError(response, settings);
  return isObject(envelope.data) ? envelope.data : {};
}

/** A proxy or a sign-in page that responds with 200 to every request. */
function notSmtpcom({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint: 'The response is not from SMTP.com, so the request may not have been processed. Check the base URL.',
  });
}

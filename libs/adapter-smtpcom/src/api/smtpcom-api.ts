import { AdapterError, type HttpClient, type HttpResponse, type VendorEndpoints } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { envelopeOf, isObject, type JsonObject } from './envelope.ts';
import { responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the host on, e.g. `/v4/messages`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
}

const BASE_URL = 'https://api.smtp.com';

/**
 * The API v4, called with the key of whoever calls.
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
   * The `data` of the answer, empty where it is no object.
   * @throws AdapterError for any answer that is no success of the vendor's, and what `HttpClient` throws
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

/** A proxy or a sign-in page that answers 200 to everything. */
function notSmtpcom({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint: 'The answer is not that of SMTP.com, so whether it did what it was asked is not known. Check the base URL.',
  });
}

import { AdapterError, type HttpClient, type HttpResponse, type VendorEndpoints } from '@score-crm/adapter-kit';
import { apiOrigin } from '../settings/api-origin.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { type Resource, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly resource: Resource;
  /** The path after the resource, e.g. `/…/validate`, or a query. Default: none. */
  readonly path?: string;
  /** Sent as JSON; a string is already JSON. */
  readonly body?: object | string;
  /** Default: 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

// https://developers.sparkpost.com/api/#header-endpoints
const ORIGINS = { us: 'https://api.sparkpost.com', eu: 'https://api.eu.sparkpost.com' } as const;

/** The v1 API. Each call uses the key of its settings. */
export class SparkpostApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  /** @throws AdapterError for an Enterprise account without a base URL */
  baseUrl(settings: SparkpostSettings): string {
    return `${this.endpoints.baseUrl('sparkpost', origin(settings))}/api/v1`;
  }

  /** @throws AdapterError for any status other than 2xx, and as `HttpClient` does */
  async call(settings: SparkpostSettings, call: ApiCall): Promise<HttpResponse> {
    const { method, resource, path = '', body, timeoutMs, signal } = call;
    const response = await this.http.request({
      method,
      url: `${this.baseUrl(settings)}/${resource}${path}`,
      headers: {
        // Only the key, without a scheme: https://developers.sparkpost.com/api/#header-authentication
        authorization: settings.apiKey,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw responseError(response, settings, resource);
    return response;
  }
}

function origin({ region, baseUrl = '' }: SparkpostSettings): string {
  const known = region === 'enterprise' ? apiOrigin(baseUrl) : ORIGINS[region];
  if (known !== undefined) return known;
  throw new AdapterError({
    stage: 'settings',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'The base URL is missing. Enter the HTTPS address of your Enterprise account’s API host.',
    pointer: '/baseUrl',
  });
}

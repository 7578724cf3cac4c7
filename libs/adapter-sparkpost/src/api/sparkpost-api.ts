import { AdapterError, type HttpClient, type HttpResponse, type VendorEndpoints } from '@score-crm/adapter-kit';
import { apiOrigin } from '../settings/api-origin.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { type Resource, responseError } from './response-error.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly resource: Resource;
  /** Behind the resource, e.g. `/…/validate`, or a query; nothing unless told. */
  readonly path?: string;
  /** Sent as JSON; a text is JSON already. */
  readonly body?: object | string;
  /** 30 s unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

// https://developers.sparkpost.com/api/#header-endpoints
const ORIGINS = { us: 'https://api.sparkpost.com', eu: 'https://api.eu.sparkpost.com' } as const;

/** The v1 API, called with the key of whoever calls. */
export class SparkpostApi {
  constructor(
    private readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  /** @throws AdapterError for an Enterprise account without a base URL */
  baseUrl(settings: SparkpostSettings): string {
    return `${this.endpoints.baseUrl('sparkpost', origin(settings))}/api/v1`;
  }

  /** @throws AdapterError for any status but 2xx, and for what `HttpClient` throws */
  async call(settings: SparkpostSettings, call: ApiCall): Promise<HttpResponse> {
    const { method, resource, path = '', body, timeoutMs, signal } = call;
    const response = await this.http.request({
      method,
      url: `${this.baseUrl(settings)}/${resource}${path}`,
      headers: {
        // The key alone, without a scheme: https://developers.sparkpost.com/api/#header-authentication
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
    hint: 'An Enterprise account needs the https address of its own API host. Enter the base URL.',
    pointer: '/baseUrl',
  });
}

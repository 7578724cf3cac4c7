import {
  type AdapterError,
  type CallOptions,
  createScrubber,
  HttpClient,
  type HttpRequest,
  type HttpResponse,
  statusError,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import type { ModelSettings } from './model.settings.ts';

export class ModelApi {
  constructor(
    readonly http: HttpClient,
    private readonly endpoints: VendorEndpoints,
  ) {}

  baseUrl({ region }: ModelSettings): string {
    return this.endpoints.baseUrl('model', `https://${region}.api.model.example`);
  }

  keyOf({ apiKey }: ModelSettings): string {
    return apiKey;
  }

  /** @throws AdapterError for any status but 2xx */
  async call(
    settings: ModelSettings,
    method: HttpRequest['method'],
    path: string,
    body: object | undefined,
    { signal }: CallOptions,
  ): Promise<HttpResponse> {
    const response = await this.http.request({
      method,
      url: this.baseUrl(settings) + path,
      headers: { authorization: `Bearer ${this.keyOf(settings)}` },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw responseError(response, settings);
    return response;
  }
}

function responseError(response: HttpResponse, { apiKey, webhookSecret = '' }: ModelSettings): AdapterError {
  const scrub = createScrubber([apiKey, webhookSecret]);
  // A key without this permission still identifies the account.
  const stage = response.status === 403 ? ({ stage: 'message' } as const) : {};
  return statusError(response, { ...stage, reply: scrub(response.text()) });
}

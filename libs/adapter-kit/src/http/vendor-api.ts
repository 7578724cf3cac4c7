import { Injectable } from '@nestjs/common';
import { AdapterError, configurationError, type Stage } from '../errors/adapter-error.ts';
import { isJsonObject, type JsonItem } from '../json/json.ts';
import { createScrubber, type Scrubber } from '../scrubbing/scrubber.ts';
import { secretValues } from '../settings/settings-field.decorator.ts';
import { FormBody } from './form-body.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.ts';
import {
  type ErrorMap,
  type LocatedFault,
  mappedError,
  type PointerTable,
  statusError,
  type VendorFault,
  vendorPointer,
} from './vendor-error.ts';

/** Base URLs that the operator configured to replace the vendors' defaults, for a proxy or a test. */
@Injectable()
export class VendorEndpoints {
  private readonly byVendor: ReadonlyMap<string, string>;

  /** @param overrides base URL by vendor key */
  constructor(overrides: Readonly<Record<string, string>> = {}) {
    this.byVendor = new Map(Object.entries(overrides).map(([vendor, url]) => [vendor, url.replace(/\/+$/, '')]));
  }

  /** Returns the base URL of a vendor's API, without a trailing slash. */
  baseUrl(vendor: string, own: string): string {
    return this.byVendor.get(vendor) ?? own;
  }
}

/** One call of a vendor's API. */
export interface ApiCall extends Pick<HttpRequest, 'method' | 'timeoutMs'> {
  /** The path after the base URL. Encode the parts that come from settings or the vendor. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** An object is sent as JSON; a string is already JSON. */
  readonly body?: object | string | FormBody | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Replaces the vendor's error map for this call. */
  readonly errors?: ErrorMap;
}

/**
 * A vendor's HTTP API. Extend it with the vendor's base URL, headers and error map; each call gets the settings of its
 * connection, and nothing is kept between calls.
 *
 * @example
 * export class AcmeApi extends VendorApi<AcmeSettings> {
 *   readonly vendor = 'acme';
 *   readonly displayName = 'Acme';
 *   protected readonly errors: ErrorMap = [{ on: 401, hint: 'Acme rejected the API key. Enter a valid one.' }];
 *
 *   protected origin({ region }: AcmeSettings): string {
 *     return `https://api.${region}.acme.example`;
 *   }
 *
 *   protected headers({ apiKey }: AcmeSettings): Record<string, string> {
 *     return { authorization: `Bearer ${apiKey}` };
 *   }
 * }
 */
export abstract class VendorApi<S extends object> {
  /** The vendor's key, as in `@Adapter`. */
  abstract readonly vendor: string;
  /** The vendor's name in hints. */
  abstract readonly displayName: string;
  protected abstract readonly errors: ErrorMap;
  /** Follows the origin, also if the operator replaced it: `/api/v1`. */
  protected readonly basePath: string = '';
  protected readonly pointers: PointerTable = [];
  /** What a response that is not the vendor's suggests to check. */
  protected readonly notVendorAdvice: string = 'Check the base URL.';

  constructor(
    protected readonly http: HttpClient,
    protected readonly endpoints: VendorEndpoints,
  ) {}

  /** Scheme and host of the API for these settings, without a trailing slash. May throw an AdapterError. */
  protected abstract origin(settings: S): string;

  /** The headers that authenticate a call. */
  protected abstract headers(settings: S): Readonly<Record<string, string>>;

  /**
   * Returns the faults that the body of an error response states, scrubbed by the caller. Default: none, so that the
   * reply is the text of the response.
   * @param body the parsed JSON, or undefined
   */
  protected faultsIn(_body: unknown, _response: HttpResponse): readonly VendorFault[] {
    return [];
  }

  /** Joins the faults to the text that users see as the vendor's reply. */
  protected replyOf(faults: readonly VendorFault[]): string {
    return faults.flatMap(({ message }) => (message === '' ? [] : [message])).join(' ');
  }

  /** Milliseconds to wait, where the vendor states them in another way than by `Retry-After`, which it replaces. */
  protected retryAfterMs(_response: HttpResponse, _words: string): number | undefined {
    return undefined;
  }

  /** Secrets in forms other than those of the settings: the user and password of Basic authentication, for example. */
  protected derivedSecrets(_settings: S): readonly string[] {
    return [];
  }

  /** Whether a response is a success. Override it for a vendor that reports failures with 200. */
  protected isSuccess(response: HttpResponse): boolean {
    return response.ok;
  }

  /** The base URL of the settings, without a trailing slash. */
  baseUrl(settings: S): string {
    return this.endpoints.baseUrl(this.vendor, this.origin(settings)) + this.basePath;
  }

  /**
   * Sends a call and resolves for any status.
   * @throws AdapterError as `HttpClient.request` does
   */
  request(settings: S, { method, path, query, body, signal, timeoutMs }: ApiCall): Promise<HttpResponse> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const type = body instanceof FormBody ? body.type : 'application/json';
    return this.http.request({
      method,
      url: this.baseUrl(settings) + path + search,
      headers: {
        accept: 'application/json',
        ...this.headers(settings),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: body instanceof FormBody ? body.bytes : body }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** @throws AdapterError for any response that is not a success, and as `HttpClient.request` does */
  async call(settings: S, call: ApiCall): Promise<HttpResponse> {
    const response = await this.request(settings, call);
    if (!this.isSuccess(response)) throw this.responseError(response, settings, call.errors);
    return response;
  }

  /**
   * Sends a call and returns the JSON object of its response.
   * @throws AdapterError as `call` does, and `invalid_response` if the body is not a JSON object
   */
  object(settings: S, call: ApiCall): Promise<JsonItem> {
    return this.read(settings, call, (body) => body);
  }

  /**
   * Sends a call and returns what is found in the JSON object of its response.
   * @param find returns undefined if the object is not the vendor's, but that of a proxy or a sign-in page, for example
   * @param what what such a response may mean, as for `notVendor`
   * @throws AdapterError as `call` does, and `invalid_response` if the body is not a JSON object, or nothing was found
   */
  async read<T>(settings: S, call: ApiCall, find: (body: JsonItem) => T | undefined, what?: string): Promise<T> {
    const response = await this.call(settings, call);
    const body = response.jsonOrUndefined();
    const found = isJsonObject(body) ? find(body) : undefined;
    if (found === undefined) throw this.notVendor(response, what);
    return found;
  }

  /** Returns the error for a response that is not a success, by `errors` or by the vendor's error map. */
  responseError(response: HttpResponse, settings: S, errors: ErrorMap = this.errors): AdapterError {
    const scrub = this.scrubber(settings);
    const faults = scrub(this.faultsIn(response.jsonOrUndefined(), response)).map((fault): LocatedFault => {
      const pointer = vendorPointer(fault, this.pointers);
      return pointer === undefined ? fault : { ...fault, pointer };
    });
    const words = this.replyOf(faults) || scrub(response.text()).trim();
    const { retryAfterMs: standard, ...details } = statusError(response).details;
    const retryAfterMs = this.retryAfterMs(response, words) ?? standard;
    const mapped = mappedError([...errors, ...this.commonErrors()], response, faults, words);
    return new AdapterError({
      ...details,
      ...mapped,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(words === '' ? {} : { reply: words }),
    });
  }

  /**
   * The error for a success that is not the vendor's, such as the sign-in page of a proxy.
   * @param what what it may mean: “so the message may not have been sent”
   */
  notVendor({ status }: Pick<HttpResponse, 'status'>, what?: string, stage: Stage = 'message'): AdapterError {
    const consequence = what === undefined ? '' : `, ${what}`;
    const hint = `The response is not from ${this.displayName}${consequence}. ${this.notVendorAdvice}`;
    return configurationError('invalid_response', hint, { stage, status });
  }

  /**
   * The error for a success whose body the vendor may have changed.
   * @param about the subject of the call: “event webhooks”
   */
  unknownForm({ status }: Pick<HttpResponse, 'status'>, about: string, stage: Stage = 'webhook'): AdapterError {
    const hint = `${this.displayName}’s response about ${about} has an unknown form. Check the base URL, or try again later.`;
    return new AdapterError({ stage, code: 'invalid_response', fault: 'vendor', retryable: true, status, hint });
  }

  /** What statuses mean in the same way for all vendors, after their own rules. */
  private commonErrors(): ErrorMap {
    const { displayName, notVendorAdvice } = this;
    return [
      { on: [404, 405], hint: `${displayName} does not know this API call. ${notVendorAdvice}` },
      { on: 413, hint: `The message is too large for ${displayName}. Send smaller attachments.` },
    ];
  }

  /** Removes the secrets of the settings, in all their forms, from texts of the vendor. */
  scrubber(settings: S): Scrubber {
    return createScrubber([...secretValues(settings), ...this.derivedSecrets(settings)]);
  }
}

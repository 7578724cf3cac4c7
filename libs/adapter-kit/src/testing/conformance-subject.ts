import type { Type } from '@nestjs/common';
import type { EmailAdapter } from '../adapter/email-adapter.ts';
import type { StartSandbox } from '../sandbox/vendor-sandbox.ts';
import type { WebhookRequest } from '../webhooks/webhook-receiver.ts';

/** An adapter, and what the suite needs to test it. */
export interface ConformanceSubject<S extends object = object> {
  /**
   * The adapter's class. Its constructor can inject what the application provides: `HttpClient`, `VendorEndpoints`,
   * `OutboundConnector` and `OutboundPolicy`.
   */
  readonly adapter: Type<EmailAdapter<S>>;
  /** Starts a sandbox of the vendor. Each check starts a new one. */
  readonly startSandbox: StartSandbox;
  /** Required for adapters with webhooks. */
  readonly webhook?: WebhookSubject<S>;
  /**
   * Returns the body of an error in the vendor's form, with this text as its explanation. Errors are also tried in
   * other forms, so it can be omitted.
   */
  readonly errorBody?: (words: string, status: number) => string;
  /** How often a property is tried with random input. Default: 100. */
  readonly runs?: number;
}

export interface WebhookSubject<S extends object = object> {
  /** The folder of the fixtures, with a trailing slash. The kit's README describes its contents. */
  readonly fixtures: URL;
  /** Returns a new key (a key pair, a password, a token) on each call. */
  newKey(): WebhookKey<S>;
  /**
   * Returns an event as the vendor posts it when it repeats it, if that differs from the first time: under another id,
   * for example. It is called only for events.
   */
  repeated?(item: Readonly<Record<string, unknown>>): unknown;
}

/** A key with which the vendor authenticates its requests. */
export interface WebhookKey<S extends object = object> {
  /** The settings of a connection that has the key: webhook secrets only. */
  readonly settings: Partial<S>;
  /**
   * Returns what the vendor adds to a request with this body. Header names may be in any case. Return `body` only if
   * the credentials are part of it. Return nothing besides the credentials: each value is altered and must then be
   * rejected.
   */
  sign(body: Uint8Array): Partial<WebhookRequest>;
}

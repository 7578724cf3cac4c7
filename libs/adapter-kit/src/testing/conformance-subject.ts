import type { Type } from '@nestjs/common';
import type { EmailAdapter } from '../adapter/email-adapter.ts';
import type { StartSandbox } from '../sandbox/vendor-sandbox.ts';
import type { WebhookRequest } from '../webhooks/webhook-receiver.ts';

/** An adapter, and what the suite needs to try it out. */
export interface ConformanceSubject<S extends object = object> {
  /**
   * The adapter's class. Its constructor may ask for what the application provides: `HttpClient`, `VendorEndpoints`,
   * `OutboundConnector` and `OutboundPolicy`.
   */
  readonly adapter: Type<EmailAdapter<S>>;
  /** Starts a sandbox of the vendor; each check starts its own. */
  readonly startSandbox: StartSandbox;
  /** Required of an adapter with webhooks. */
  readonly webhook?: WebhookSubject<S>;
  /**
   * The body of an error in the vendor's form, with these words as its explanation. Errors are also tried in forms that are
   * not the vendor's, so it may be left out.
   */
  readonly errorBody?: (words: string, status: number) => string;
  /** How often a property is tried with random input; 100 unless told. */
  readonly runs?: number;
}

export interface WebhookSubject<S extends object = object> {
  /** The folder of the fixtures, with a slash at its end. What belongs there is told in the kit's README. */
  readonly fixtures: URL;
  /** Makes a key (a key pair, a password, a token), another one each time. */
  newKey(): WebhookKey<S>;
  /**
   * An event as the vendor posts it when it repeats it, where that is not as it was before: under another id, say.
   * It is not asked for what is no event.
   */
  repeated?(item: Readonly<Record<string, unknown>>): unknown;
}

/** What the vendor proves its posts with. */
export interface WebhookKey<S extends object = object> {
  /** The settings of a connection that knows the key: webhook secrets alone. */
  readonly settings: Partial<S>;
  /**
   * What the vendor adds to a post with this body. Names of headers may be in any case. `body` is only told where the proof
   * stands in it. Nothing but the proof belongs here: each value is altered, and must then be refused.
   */
  sign(body: Uint8Array): Partial<WebhookRequest>;
}

import type { ParsedEvent } from '../events/email-event.ts';
import type { WebhookRegistration } from './webhook-registration.ts';

/** The request as it came over the wire. */
export interface WebhookRequest {
  /** Lower-case names; a header that came twice is an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Only `verified` goes on. `not_configured`: the connection has no key to check with. */
export type WebhookVerdict = 'verified' | 'invalid' | 'missing' | 'not_configured' | 'malformed';

/** One thing to do at the vendor's site. */
export interface SetupStep {
  readonly title: string;
  readonly text: string;
  /** A value to copy, such as the webhook's URL. */
  readonly value?: string;
}

export interface WebhookReceiver<S extends object = object> {
  readonly proof: 'signature' | 'shared-secret';
  /** Lower-case names of headers without which there is no proof: such a request is refused before its body is read. */
  readonly proofHeaders: readonly string[];
  /** The most bytes that a body may have. */
  readonly bodyLimit: number;
  /** Decides by the raw bytes, before anything is parsed. Fails closed. */
  authenticate(request: WebhookRequest, settings: S): WebhookVerdict;
  /**
   * Pure. One bad item never costs the others. A body that holds nothing (empty, `[]`, `{}`) is no event.
   * @throws MalformedWebhookError, and nothing else, if the body is no batch
   */
  parse(request: WebhookRequest): readonly ParsedEvent[];
  guide(url: string, settings: S): readonly SetupStep[];
  readonly registration?: WebhookRegistration<S>;
}

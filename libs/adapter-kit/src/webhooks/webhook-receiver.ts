import type { ParsedEvent } from '../events/email-event.ts';
import type { WebhookRegistration } from './webhook-registration.ts';

/** What of a request is there before its body: as it came over the wire. */
export interface WebhookHead {
  /** Lower-case names; a header that came twice is an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A parameter that came twice is an array. */
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface WebhookRequest extends WebhookHead {
  readonly body: Uint8Array;
}

/** Only `verified` goes on. `not_configured`: the connection has no key to check with. */
export type WebhookVerdict = 'verified' | 'invalid' | 'missing' | 'not_configured' | 'malformed';

/** What the head of a request decides by itself. `needs_body`: the body decides, for example because it is signed. */
export type WebhookHeadVerdict = WebhookVerdict | 'needs_body';

/**
 * What a request proves. `signature`: that the vendor made these very bytes. `signed-token`: that the vendor made a token
 * which stands beside the events and says nothing of them. `shared-secret`: that the sender knows what only the vendor was
 * told.
 */
export type WebhookAuthentication = 'signature' | 'signed-token' | 'shared-secret';

/** One thing to do at the vendor's site. */
export interface SetupInstruction {
  readonly title: string;
  readonly text: string;
  /** A value to copy, such as the webhook's URL. */
  readonly value?: string;
}

/**
 * The vendor's webhook. Where `address` or `setupInstructions` shows a secret, whoever may not see it is served the same with a mask in
 * the place of the secret.
 */
export interface WebhookReceiver<S extends object = object> {
  readonly authentication: WebhookAuthentication;
  /** The most bytes that a body may have. */
  readonly bodyLimit: number;
  /** Query parameters that `parse` reads beside the body. They are stored with it, so none may be a secret. */
  readonly parameters?: readonly string[];
  /**
   * Decides as much as it can before any of the body is read: credentials in a header or in the query are checked here, and
   * a request without its signature is `missing`. It agrees with `authenticate`: only `needs_body` leaves the decision open.
   * The body of a request that is neither `verified` nor `needs_body` is not read.
   */
  authenticateHead(head: WebhookHead, settings: S): WebhookHeadVerdict;
  /** Decides by the raw bytes, before anything is parsed. Fails closed. */
  authenticate(request: WebhookRequest, settings: S): WebhookVerdict;
  /**
   * Pure: it is given the body, the header `content-type` and the query's `parameters`, which is all that is stored of a
   * request, and reads no clock. It is asked once more, later, for the raw form of one item: the same body must give the
   * same list. One bad item never costs the others. A body that holds nothing (empty, `[]`, `{}`) is no event.
   * @throws MalformedWebhookError, and nothing else, if the body is no batch
   */
  parse(request: WebhookRequest): readonly ParsedEvent[];
  /**
   * What the vendor is given as the webhook's address, where that is more than `url`, such as with a token in its query.
   * @param url the connection's webhook URL, without a query
   */
  address?(url: string, settings: S): string;
  /** What a person does at the vendor's site. @param url as `address` takes it */
  setupInstructions(url: string, settings: S): readonly SetupInstruction[];
  /** Absent where the vendor has no API for it. */
  readonly registration?: WebhookRegistration<S>;
}

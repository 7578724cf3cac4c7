import type { ParsedEvent } from '../events/email-event.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';

/** The part of a webhook request that arrives before its body. */
export interface WebhookHead {
  /** Lowercase names; a header that occurs more than once is an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A parameter that occurs more than once is an array. */
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface WebhookRequest extends WebhookHead {
  readonly body: Uint8Array;
}

/** Only `verified` requests are accepted. `not_configured`: the connection has no key to verify with. */
export type WebhookVerdict = 'verified' | 'invalid' | 'missing' | 'not_configured' | 'malformed';

/**
 * What the head of a request decides. `needs_body`: the body is needed for the decision, for example because it is
 * signed.
 */
export type WebhookHeadVerdict = WebhookVerdict | 'needs_body';

/**
 * How requests are authenticated. `signature`: the vendor signed these exact bytes. `signed-token`: the vendor signed a
 * token that accompanies the events but does not cover them. `shared-secret`: the sender knows a secret that only the
 * vendor has.
 */
export type WebhookAuthentication = 'signature' | 'signed-token' | 'shared-secret';

/** An event of a sample, in the kit's vocabulary. */
export interface SampleEvent {
  readonly kind: 'delivered' | 'bounced' | 'opened';
  /** Unique: 32 hexadecimal digits. */
  readonly id: string;
  /** A whole second. */
  readonly at: Date;
  readonly recipient: string;
  /** As `send` would have returned it: 32 hexadecimal digits, the same for all events of the sample. */
  readonly messageId: string;
  /** Of the message. The vendor adds it to the events if it supports metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The receiving server's reply to a delivery or a hard bounce, such as `550 5.1.1 User unknown`. */
  readonly reply: string;
  /** The client that opened the message. */
  readonly userAgent: string;
  readonly ip: string;
}

export interface SampleCall<S extends object = object> {
  /** The settings of the connection, with its webhook secrets. */
  readonly settings: S;
  readonly events: readonly SampleEvent[];
}

export interface WebhookSample<S extends object = object> {
  /** The requests that the vendor would post: one, or one for each event. Header names are in lowercase. */
  readonly requests: readonly WebhookRequest[];
  /**
   * Only if the vendor signs with a private key, which this service does not have: settings with the public key of a new
   * pair. They authenticate these requests and no others, so that the sample does not show whether the stored key is right.
   */
  readonly settings?: Partial<S>;
}

/** One step to do in the vendor's settings. */
export interface SetupInstruction {
  readonly title: string;
  readonly text: string;
  /** A value to copy, such as the webhook's URL. */
  readonly value?: string;
}

/**
 * A vendor's webhooks. If `address` or `setupInstructions` shows a secret, users who may not see it get the same text
 * with the secret masked.
 */
export interface WebhookReceiver<S extends object = object> {
  readonly authentication: WebhookAuthentication;
  /** Maximum size of a body in bytes. */
  readonly bodyLimit: number;
  /** Query parameters that `parse` reads besides the body. They are stored with it, so none may be a secret. */
  readonly parameters?: readonly string[];
  /**
   * Decides as much as possible before the body is read: credentials in a header or in the query are checked here, and
   * a request without its signature is `missing`. It must agree with `authenticate`: only `needs_body` leaves the
   * decision open. The body of a request that is neither `verified` nor `needs_body` is not read.
   */
  authenticateHead(head: WebhookHead, settings: S): WebhookHeadVerdict;
  /**
   * Verifies the raw bytes before anything is parsed. Fails closed. Verify a public-key signature with the callback form of
   * `crypto.verify`, which leaves the event loop to other requests.
   */
  authenticate(request: WebhookRequest, settings: S): WebhookVerdict | Promise<WebhookVerdict>;
  /**
   * Parses the events of a request. Pure: it receives the body, the `content-type` header and the query's `parameters`,
   * which is all that is stored of a request, and reads no clock. It is called again later for the raw form of an item:
   * the same body must result in the same list. One invalid item must not affect the others. An empty body (no bytes,
   * `[]`, `{}`) has no events.
   * @throws MalformedWebhookError, and nothing else, if the body is not a batch
   */
  parse(request: WebhookRequest): readonly ParsedEvent[];
  /**
   * Returns the address to enter at the vendor, if it differs from `url`: for example, with a token in its query.
   * @param url the connection's webhook URL, without a query
   */
  address?(url: string, settings: S): string;
  /**
   * Returns the steps to set up the webhook by hand.
   * @param url the connection's webhook URL, without a query
   */
  setupInstructions(url: string, settings: S): readonly SetupInstruction[];
  /**
   * Composes and authenticates requests with these events as the vendor would post them. `parse` must read the same events
   * from them: the kind, time, recipient, message and metadata of each, and a bounce as `hard`. The service has them go
   * through the webhook, and marks the events as a test. Without it, users cannot send a sample event.
   */
  sample?(call: SampleCall<S>): WebhookSample<S>;
  /** Omitted if the vendor has no API for it. */
  readonly registration?: WebhookRegistration<S>;
}

/** Identifies the connection's entry at the vendor: its address or, after a registration, the vendor's id. */
export interface RegistrationTarget {
  /** The connection's webhook URL, without a query. The vendor gets `WebhookReceiver.address` of it. */
  readonly url: string;
  /** As `register` returned it. */
  readonly vendorId?: string;
}

export interface RegistrationStatus {
  /** `drifted`: the entry exists, but differs from what would be registered now. */
  readonly state: 'registered' | 'not_registered' | 'drifted';
  /** The differences, each as a sentence for users. */
  readonly drift?: readonly string[];
  /** The vendor's report of its own deliveries, if it has one: times in ISO 8601. */
  readonly lastDeliveredAt?: string;
  readonly lastFailedAt?: string;
}

/** A request to the webhook, as the vendor's own log lists it. */
export interface WebhookLogEntry {
  /** When the vendor posted it, or last repeated it: ISO 8601. */
  readonly at: string;
  /** Whether the vendor counts it as delivered. */
  readonly delivered: boolean;
  /** The HTTP status that the vendor received. Omitted if it received none, or does not report it. */
  readonly status?: number;
  /** How often the vendor posted it. */
  readonly attempts?: number;
  /** How long the response took. */
  readonly durationMs?: number;
  /** The vendor's id of the request. */
  readonly requestId?: string;
  /** The result in the vendor's words. */
  readonly message?: string;
}

export interface Registered<S extends object = object> {
  /** The vendor's id of the entry. */
  readonly vendorId: string;
  /** Settings that the vendor created, such as its verification key. */
  readonly settings?: Partial<S>;
}

/**
 * Creates, reads and removes the connection's entry at the vendor, and never changes any other. Secrets of the settings
 * are stored before `register` is called, because the vendor may post to the webhook before it responds.
 *
 * All methods reject with an AdapterError at the stage `webhook` (or an earlier one): `permission_denied` names the
 * permission that the key lacks, `webhook_conflict` names the address of another entry that is in the way, and
 * `webhook_unreachable` means that the vendor could not post to the address.
 */
export interface WebhookRegistration<S extends object = object> {
  /** Creates the entry, or updates the existing one. Calling it twice leaves one entry. */
  register(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<Registered<S>>;
  status(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<RegistrationStatus>;
  /** Removes the entry. Succeeds if it no longer exists. */
  unregister(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
  /**
   * Makes the vendor post a test event. Call it after storing what `register` returned. Omitted if the vendor has no
   * such call.
   */
  test?(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<void>;
  /**
   * Reads the vendor's log of its requests, newest first. Which requests it lists, and for how long, depends on the vendor.
   * Omitted if the vendor has no log.
   */
  log?(target: RegistrationTarget, settings: S, options?: CallOptions): Promise<readonly WebhookLogEntry[]>;
}

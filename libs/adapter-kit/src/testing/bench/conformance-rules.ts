import type { Type } from '@nestjs/common';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { StartSandbox } from '../../sandbox/vendor-sandbox.ts';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';

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

/** The rules of the conformance suite. The ids are stable. */
export const CONFORMANCE_RULES = {
  'declares-itself': 'It declares its identity and its capabilities, and implements what it declares.',

  'fields-closed': 'Its settings consist of the declared fields and nothing else.',
  'required-fields-named': 'A missing required field is reported at its pointer; an optional field is not required.',
  'hidden-fields-refused': 'A field that does not apply is rejected, and each field applies in some case.',
  'secrets-declared': 'Account credentials are declared as secrets, and no preset contains one.',
  'secrets-bound': 'Each field that decides where secrets are sent is declared with `bindsSecret`.',
  'inbound-only': 'Sending and testing need no field that is declared with `inboundOnly`, and do not send it.',

  sends: 'A message is sent unchanged, and the result lists accepted and rejected recipients.',
  'capabilities-kept': 'It supports what its capabilities declare.',
  'unsupported-refused': 'Anything else is an `unsupported` error that points to the member; nothing is dropped.',
  'recipient-limit': 'It accepts as many recipients as it declares, and rejects more before it sends anything.',
  'size-limit': 'It rejects a message that is larger than the declared limit before it sends anything.',
  'batch-sent': 'A batch takes one call, and each of its messages arrives as if it was sent alone.',
  'batch-isolated': 'A message of a batch that is not valid or not accepted does not affect the others.',
  'batch-content': 'Messages that differ share a batch only if each keeps what is its own.',
  'batch-events': 'The events of each message of a batch carry its id and its metadata.',
  'abort-obeyed': 'A call ends when its signal fires, with an AdapterError.',
  'hostile-values': 'No value of a message or of the settings breaks out of its header or its part of a URL.',
  'message-forms': 'Headers, addresses, attachments and metadata follow one policy for all vendors.',

  'error-statuses': 'Each error status results in the right code, a hint and the right value of `retryable`.',
  'odd-answers': 'A missing response, or one that is not the vendor’s, is an AdapterError. Redirects are not followed.',
  'failures-named': 'Each failure of the sandbox results in the code that it is listed under.',
  'no-secret-disclosed': 'No error, result or status contains a secret, even if the vendor returns one.',

  'diagnosis-answers': 'A diagnosis never rejects; it returns failures.',
  'diagnosis-silent': 'A diagnosis sends nothing unless the probe names recipients.',
  'diagnosis-consistent': 'The stages, checks and outcome of a diagnosis agree.',

  'fixtures-read': 'Each fixture is parsed as its expectation states.',
  'raw-kept': 'Each raw item is kept unchanged, with every digit of its numbers.',
  'event-kinds-shown': 'There is a fixture for each kind of event that it declares, and it reports no other kinds.',
  'unknown-kinds-survive':
    'An event of a kind that the adapter does not know becomes an `unknown` event with its raw item.',
  'garbage-isolated': 'An invalid item in a batch does not affect the others.',
  'empty-is-nothing': 'An empty body contains no events.',
  'parse-throws-malformed-only': 'Parsing throws MalformedWebhookError and nothing else.',
  'parse-pure': 'Parsing depends only on the request and changes nothing.',
  'parse-reads-declared': 'Besides the body, parsing reads only the content type and the declared parameters.',
  'nothing-invented': 'Parsing reports no recipient, message id or URL that is not in the item.',
  'time-optional': 'An event that names its message or recipient is kept without a usable time.',
  'deduplication-keys-differ':
    'Different events have different deduplication keys, even for the same message and second.',
  'deduplication-keys-repeat': 'A repeated event has the same deduplication key.',

  'authentication-verifies': 'Requests from the vendor are verified.',
  'authentication-covers-body': 'A signed body that was altered is rejected.',
  'authentication-covers-values': 'Credentials that were altered are rejected.',
  'authentication-required': 'A request without credentials is rejected.',
  'authentication-once': 'Credentials that occur twice are rejected.',
  'authentication-by-own-key': 'Credentials of another key are rejected.',
  'authentication-needs-a-key': 'Without a key, nothing is verified, and the verdict is `not_configured`.',
  'authentication-before-body':
    'Requests that the head can authenticate or reject are decided before the body is read.',
  'authentication-never-throws': 'Every request gets a verdict.',

  'sample-arrives': 'A sample is verified, and parsed to exactly the events that it was composed of.',

  'setup-instructions':
    'The setup instructions are steps that a person can follow, with the address and without the account’s secrets.',
  'message-ids-match': 'The events of a message carry the id that `send` returned.',
  'sender-data-returns': 'Metadata and tags of a message are returned in its events.',

  'registration-once': 'Registering twice leaves one entry, whose status is `registered`.',
  'registration-drift':
    'An entry that differs from what would be registered is reported as drift, and registering again fixes it.',
  'registration-foreign': 'Webhooks of others are not touched.',
  'registration-removed': 'Unregistering removes the connection’s entry and can be repeated.',
  'registration-ping': 'Requests that the vendor posts while registering are verified.',
} as const;

export type ConformanceRule = keyof typeof CONFORMANCE_RULES;

/** One check of the conformance suite. */
export interface ConformanceCheck {
  readonly rule: ConformanceRule;
  /** What is checked, as a phrase whose subject is the adapter. Unique among all checks. */
  readonly name: string;
  /** Time limit on a slow machine in milliseconds, for the test runner. */
  readonly timeoutMs: number;
  /** Rejects with an `AssertionError` of node:assert whose message says what is wrong. */
  run(this: void): Promise<void>;
}

/** Generous, for slow machines: no check measures time. */
const TIMEOUT_MS = 120_000;

/** @param runs how often a property is tried with random input */
export function check(rule: ConformanceRule, name: string, run: () => Promise<void>, runs = 0): ConformanceCheck {
  return { rule, name, run, timeoutMs: TIMEOUT_MS + 10 * runs };
}

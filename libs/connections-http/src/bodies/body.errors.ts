import type { ExceededJsonLimit, FieldError, JsonLimits } from '@score-crm/adapter-kit';
import { ApiError } from '../problems/api.errors.ts';

/** The body has more bytes than its route accepts. */
export class BodyTooLargeError extends ApiError {
  readonly code = 'payload_too_large';

  constructor(readonly limit: number) {
    super(`The body is too large. Send at most ${String(limit)} bytes.`);
  }
}

/** The body did not arrive in time. */
export class SlowBodyError extends ApiError {
  readonly code = 'body_timeout';

  constructor(deadlineMs: number) {
    super(`The body did not arrive within ${String(deadlineMs / 1000)} seconds. Send it faster.`);
  }
  /** The rest of the body is not worth waiting for. */
  override get headers(): { readonly connection: 'close' } {
    return { connection: 'close' };
  }
}

/** One address is sending more unauthenticated bodies than there is memory for. */
export class CrowdedNetworkError extends ApiError {
  readonly code = 'too_many_requests';

  constructor() {
    super('Too many bodies are arriving from this address. Send fewer at a time.');
  }
  /** The rest of the body is not worth waiting for. */
  override get headers(): { readonly connection: 'close' } {
    return { connection: 'close' };
  }
}

/** As many bytes are being received as there is memory for. */
export class OverloadedError extends ApiError {
  readonly code = 'overloaded';

  constructor() {
    super('The service is receiving too much data. Try again in a moment.');
  }
}

/** The body is compressed. Of a webhook, the signature would cover other bytes than those that are parsed. */
export class ContentEncodingError extends ApiError {
  readonly code = 'unsupported_media_type';

  constructor() {
    super('Compressed bodies are not supported. Send the body without Content-Encoding.');
  }
}

/** The body holds bytes that are not UTF-8. */
export class JsonNotUtf8Error extends ApiError {
  readonly code = 'malformed';

  constructor() {
    super('The body is not valid UTF-8. Encode the JSON as UTF-8.');
  }
}

/** The body would take too long to parse, so it is rejected before that. */
export class JsonTooComplexError extends ApiError {
  readonly code = 'json_too_complex';
  override readonly errors: readonly FieldError[];

  constructor(exceeded: ExceededJsonLimit, { maxDepth, maxTokens }: JsonLimits) {
    const message =
      exceeded === 'depth'
        ? `The JSON is nested too deeply. Use at most ${String(maxDepth)} levels.`
        : `The JSON has too many values. Send at most ${String(maxTokens)} values and member names.`;
    super(message);
    // Without parsing, only the body as a whole can be named.
    this.errors = [{ pointer: '', code: exceeded === 'depth' ? 'too_deep' : 'too_many', message }];
  }
}

/** The body is not JSON. */
export class MalformedJsonError extends ApiError {
  readonly code = 'malformed';

  constructor() {
    super('The body is not valid JSON. Send one JSON value.');
  }
}

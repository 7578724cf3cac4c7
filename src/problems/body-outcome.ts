import { BodyTooLargeError } from '../bodies/body-too-large.error.ts';
import { CrowdedNetworkError } from '../bodies/crowded-network.error.ts';
import { JsonNotUtf8Error, JsonTooComplexError, MalformedJsonError } from '../bodies/json.errors.ts';
import { OverloadedError } from '../bodies/overloaded.error.ts';
import { SlowBodyError } from '../bodies/slow-body.error.ts';
import type { Outcome } from './outcome.types.ts';

const RETRY_AFTER = { 'retry-after': '5' };
/** The rest of the body is not worth waiting for. */
const CLOSE = { connection: 'close' };

/** Why a body was not accepted; undefined for any other error. */
export function bodyOutcome(error: unknown): Outcome | undefined {
  if (error instanceof BodyTooLargeError) return { status: 413, code: 'payload_too_large', detail: error.message };
  if (error instanceof JsonTooComplexError) return { status: 413, code: 'json_too_complex', detail: error.message };
  if (error instanceof JsonNotUtf8Error || error instanceof MalformedJsonError)
    return { status: 400, code: 'malformed', detail: error.message };
  if (error instanceof SlowBodyError) {
    return { status: 408, code: 'body_timeout', detail: error.message, headers: CLOSE };
  }
  if (error instanceof CrowdedNetworkError) {
    return { status: 429, code: 'too_many_requests', detail: error.message, headers: { ...RETRY_AFTER, ...CLOSE } };
  }
  if (error instanceof OverloadedError) {
    return { status: 503, code: 'overloaded', detail: error.message, headers: RETRY_AFTER };
  }
  return undefined;
}

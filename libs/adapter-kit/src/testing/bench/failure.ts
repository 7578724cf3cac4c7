import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ADAPTER_ERROR_CODES, AdapterError, type AdapterErrorDetails, STAGES } from '../../errors/adapter-error.ts';

const FAULTS = new Set<string>(['recipient', 'sender', 'vendor', 'configuration', 'network']);
const PROMPT_MS = 10_000;

/** Returns the AdapterError that a call rejects with. Fails if it ends in any other way. */
export async function errorOf(call: Promise<unknown>, what = 'The call'): Promise<AdapterError> {
  const outcome = await call.then(
    (value) => assert.fail(`${what} did not fail: ${inspect(value)}`),
    (error: unknown) => error,
  );
  assert(
    outcome instanceof AdapterError,
    `${what} failed with an error that is not an AdapterError: ${String(outcome)}`,
  );
  assertWellFormed(outcome.details, what);
  return outcome;
}

/** The details of the AdapterError that a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<AdapterErrorDetails> {
  return (await errorOf(call)).details;
}

/** Returns the AdapterError of a call that has no reason to take long. */
export async function promptErrorOf(call: Promise<unknown>, what: string): Promise<AdapterError> {
  return promptly(errorOf(call, what), what);
}

/** Returns what a call ends with, if both success and failure are acceptable. */
export async function endOf(call: Promise<unknown>, what: string): Promise<unknown> {
  return promptly(
    call.then(
      () => undefined,
      (error: unknown) => error,
    ),
    what,
  );
}

export function assertWellFormed(details: AdapterErrorDetails, what: string): void {
  const { stage, code, fault, retryable, retryAfterMs, hint } = details;
  assert(ADAPTER_ERROR_CODES.includes(code), `${what}: ${code} is not an error code.`);
  assert([...STAGES, 'webhook'].includes(stage), `${what}: ${stage} is not a stage.`);
  assert(FAULTS.has(fault), `${what}: ${fault} is not a fault.`);
  assert.equal(typeof retryable, 'boolean', `${what}: retryable must be true or false.`);
  assert.match(hint, /^\S[^]{8,}[.!?]$/, `${what}: the hint must be a sentence that says what to do.`);
  const isWait = retryAfterMs === undefined || (Number.isSafeInteger(retryAfterMs) && retryAfterMs >= 0);
  assert(isWait, `${what}: retryAfterMs must be a whole number of milliseconds.`);
}

/** Fails if something takes too long without a reason. */
export async function promptly<T>(work: Promise<T>, what: string): Promise<T> {
  const clock = new AbortController();
  const alarm = delay(PROMPT_MS, undefined, { signal: clock.signal }).then(() =>
    assert.fail(`${what} did not end within ${String(PROMPT_MS / 1000)} seconds.`),
  );
  try {
    return await Promise.race([work, alarm]);
  } finally {
    clock.abort();
    alarm.catch(() => undefined);
  }
}

import { setTimeout as delay } from 'node:timers/promises';

/** The time after its signal in which an adapter must end, unless it may clean up first. */
const GRACE_MS = 500;

/**
 * Calls an adapter with a time limit.
 * @throws Error if the adapter continues after its signal; otherwise the error of the call
 */
export async function withTimeout<T>(
  vendor: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  graceMs = GRACE_MS,
): Promise<T> {
  const left = new AbortController();
  const late = delay(timeoutMs + graceMs, undefined, { signal: left.signal }).then(() => {
    throw new Error(`The adapter of ${vendor} did not obey its signal.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([call(AbortSignal.timeout(timeoutMs)), late]);
  } finally {
    left.abort();
  }
}

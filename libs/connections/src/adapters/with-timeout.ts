import { setTimeout as delay } from 'node:timers/promises';

/** An adapter that does not obey its signal is left behind this much later, unless it may tidy up first. */
const GRACE_MS = 500;

/**
 * Gives a call of an adapter its time.
 * @throws Error if the adapter goes on after its signal; else whatever the call throws
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

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The times between the attempts, as Standard Webhooks suggests them: https://www.standardwebhooks.com. More than 3 days in all. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
export const MAX_ATTEMPTS = RETRY_DELAYS_MS.length + 1;

const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
/** Only later, so that the last attempt is never sooner than 3 days after the first. */
const JITTER = 0.1;

/**
 * When to try again, so that messages which failed together are not repeated together.
 * @param attempts how many there were
 * @param retryAfterMs what the endpoint asked for
 * @returns undefined after the last attempt
 */
export function nextAttemptAt(
  attempts: number,
  now: Date,
  retryAfterMs = 0,
  random: () => number = Math.random,
): Date | undefined {
  const delayMs = RETRY_DELAYS_MS[attempts - 1];
  if (delayMs === undefined) return undefined;
  const waitMs = Math.max(delayMs * (1 + random() * JITTER), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  return new Date(now.getTime() + Math.round(waitMs));
}

/** The time in a header `Retry-After`: seconds or a date (RFC 9110, 10.2.3); undefined if it is neither. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * SECOND_MS;
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now.getTime());
}

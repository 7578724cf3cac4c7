const DAY_MS = 24 * 60 * 60 * 1000;

/** How far a vendor's clock may be ahead of the service's, including every mistake about time zones. */
export const MAX_AHEAD_MS = DAY_MS;
/** Bounces come late and backlogs are posted again, but nothing is older than the vendors' webhooks. */
export const MAX_AGE_MS = 10 * 365 * DAY_MS;

/**
 * The time that an event is stored and counted with: the vendor's, or that of the receipt where the vendor's is absent or
 * implausible (a clock that shows 1970, or a year of 9996 that every statistic would count forever). The vendor's own stays in
 * the raw form and in the deduplication key.
 */
export function countedTime(reported: Date | undefined, receivedAt: Date): Date {
  if (reported === undefined) return receivedAt;
  const ahead = reported.getTime() - receivedAt.getTime();
  return ahead <= MAX_AHEAD_MS && ahead >= -MAX_AGE_MS ? reported : receivedAt;
}

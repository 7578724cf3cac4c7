import type { HttpResponse } from '@score-crm/adapter-kit';
import { LONGEST_RATE_LIMIT_MS } from '../assumptions.ts';

/**
 * Milliseconds until the vendor takes requests again, or undefined if it does not say.
 * https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
 */
export function rateLimitWait(response: HttpResponse, now: number = Date.now()): number | undefined {
  const reset = response.header('x-ratelimit-reset')?.trim() ?? '';
  if (!/^\d{1,12}$/.test(reset)) return undefined;
  // The vendor's own clock, where it tells the time: ours may be wrong.
  const theirs = Date.parse(response.header('date') ?? '');
  const wait = Number(reset) * 1000 - (Number.isNaN(theirs) ? now : theirs);
  return wait > LONGEST_RATE_LIMIT_MS ? undefined : Math.max(0, wait);
}

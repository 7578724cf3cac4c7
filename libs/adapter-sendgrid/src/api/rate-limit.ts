import type { HttpResponse } from '@score-crm/adapter-kit';
import { MAX_RATE_LIMIT_MS } from '../assumptions.ts';

/**
 * Returns the milliseconds until the vendor accepts requests again, or undefined if it does not report them.
 * https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
 */
export function rateLimitWait(response: HttpResponse, now: number = Date.now()): number | undefined {
  const reset = response.header('x-ratelimit-reset')?.trim() ?? '';
  if (!/^\d{1,12}$/.test(reset)) return undefined;
  // Relative to the vendor's clock if it sends the time: the local clock may be wrong.
  const theirs = Date.parse(response.header('date') ?? '');
  const wait = Number(reset) * 1000 - (Number.isNaN(theirs) ? now : theirs);
  return wait > MAX_RATE_LIMIT_MS ? undefined : Math.max(0, wait);
}

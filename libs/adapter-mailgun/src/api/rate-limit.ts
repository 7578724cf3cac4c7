import { MAX_RATE_LIMIT_MS } from '../assumptions.ts';

const SECONDS = /try again after (\d{1,9}) seconds/i;
const TIME = /try again after ([a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d) (?:UTC|GMT)/i;

/**
 * Returns the milliseconds until the vendor accepts messages again, which it states only in its text, or undefined if
 * it does not.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 */
export function rateLimitWait(words: string, now: number = Date.now()): number | undefined {
  const [, seconds] = SECONDS.exec(words) ?? [];
  const [, time] = TIME.exec(words) ?? [];
  const wait = seconds === undefined ? Date.parse(`${time ?? ''} GMT`) - now : Number(seconds) * 1000;
  return Number.isNaN(wait) || wait > MAX_RATE_LIMIT_MS ? undefined : Math.max(0, wait);
}

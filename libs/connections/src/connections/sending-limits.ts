import { type FieldError, hasErrorAt, InputField, SatisfiesText } from '@score-crm/adapter-kit';
import { IsOptional, Max, Min } from 'class-validator';

const MOST_EMAILS = 1_000_000_000;
const MOST_CONCURRENT = 1_000;
const MOST_GROWTH = 900;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A daily allowance that grows until it reaches the limit per day. */
export class WarmUp {
  @InputField({
    label: 'Starts on',
    help: 'The first day, in UTC. Until then, the allowance is that of the first day.',
    example: '2026-12-01',
  })
  @SatisfiesText({ name: 'isDate', code: 'invalid_date', problem: dateProblem })
  startsOn!: string;

  @InputField({ label: 'First day', help: 'Emails on the first day.', example: 50 })
  @Min(1)
  @Max(MOST_EMAILS)
  firstDay!: number;

  @InputField({
    label: 'Daily growth',
    help: 'By how many percent the allowance grows each day. With 100, it doubles.',
    example: 50,
  })
  @Min(1)
  @Max(MOST_GROWTH)
  growthPercent!: number;
}

/** How much a connection may send. Each recipient of a message is one email: to, cc and bcc. */
export class SendingLimits {
  @InputField({ label: 'Emails per second', example: 14 })
  @IsOptional()
  @Min(1)
  @Max(MOST_EMAILS)
  perSecond?: number;

  @InputField({ label: 'Emails per minute' })
  @IsOptional()
  @Min(1)
  @Max(MOST_EMAILS)
  perMinute?: number;

  @InputField({ label: 'Emails per day', help: 'A day begins at midnight UTC.', example: 50_000 })
  @IsOptional()
  @Min(1)
  @Max(MOST_EMAILS)
  perDay?: number;

  @InputField({ label: 'Concurrency', help: 'How many calls to the vendor may run at the same time.' })
  @IsOptional()
  @Min(1)
  @Max(MOST_CONCURRENT)
  concurrency?: number;

  @InputField({ label: 'Warm-up', help: 'Requires `perDay`, at which the ramp ends.', type: () => WarmUp })
  @IsOptional()
  warmUp?: WarmUp;
}

/** How many emails a connection may send on one day. */
export interface DailyAllowance {
  readonly emails: number;
  /** Null while they cannot be counted. */
  readonly used: number | null;
  /** When the next day begins. */
  readonly resetsAt: Date;
}

/** The limits as they are stored: members in one order, so that equal limits have equal JSON. Null without any. */
export function storedLimits(limits: SendingLimits | null): SendingLimits | null {
  if (limits === null) return null;
  const { perSecond, perMinute, perDay, concurrency, warmUp } = limits;
  const members = {
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(perMinute === undefined ? {} : { perMinute }),
    ...(perDay === undefined ? {} : { perDay }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(warmUp === undefined
      ? {}
      : { warmUp: { startsOn: warmUp.startsOn, firstDay: warmUp.firstDay, growthPercent: warmUp.growthPercent } }),
  };
  return Object.keys(members).length === 0 ? null : members;
}

/** The error of a warm-up without the limit that it ends at. */
export function limitsErrors(
  { limits }: { readonly limits?: SendingLimits | null | undefined },
  errors: readonly FieldError[],
): FieldError[] {
  if (limits?.warmUp === undefined || limits.perDay !== undefined || hasErrorAt(errors, '/limits')) return [];
  const message = 'A warm-up needs the limit that it ends at. Enter the emails per day.';
  return [{ pointer: '/limits/perDay', code: 'required', message }];
}

/** How many emails may be sent on the day of `now`, in UTC; undefined without a limit per day. */
export function emailsPerDay({ perDay, warmUp }: SendingLimits, now: Date): number | undefined {
  if (perDay === undefined || warmUp === undefined) return perDay;
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(warmUp.startsOn)) / DAY_MS));
  return Math.min(perDay, Math.floor(warmUp.firstDay * (1 + warmUp.growthPercent / 100) ** days));
}

/** The end of the day of `now`, in UTC. */
export function endOfDay(now: Date): Date {
  return new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
}

function dateProblem(text: string): string | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  // February 30 is read as March 2.
  const isReal = isDate && new Date(text).toISOString().startsWith(text);
  return isReal ? undefined : 'This is not a date. Use the form 2026-12-01.';
}

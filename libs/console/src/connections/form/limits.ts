import type { SendingLimits } from '../../api/types.ts';

/** Limits as they are typed. An empty field sets no limit. */
export interface FormLimits {
  readonly perSecond: string | number;
  readonly perMinute: string | number;
  readonly perDay: string | number;
  readonly concurrency: string | number;
  readonly hasWarmUp: boolean;
  /** `2026-12-01` */
  readonly startsOn: string;
  readonly firstDay: string | number;
  readonly growthPercent: string | number;
}

/** The fields of a warm-up, which are there only while it is on. */
export const WARM_UP_FIELDS = [
  { name: 'startsOn', path: 'limits.startsOn', label: 'Starts on' },
  { name: 'firstDay', path: 'limits.firstDay', label: 'First day' },
  { name: 'growthPercent', path: 'limits.growthPercent', label: 'Daily growth' },
] as const;

/** The fields of the limits, in the order of the form. */
export const LIMIT_FIELDS = [
  { name: 'perSecond', path: 'limits.perSecond', label: 'Emails per second' },
  { name: 'perMinute', path: 'limits.perMinute', label: 'Emails per minute' },
  { name: 'perDay', path: 'limits.perDay', label: 'Emails per day' },
  { name: 'concurrency', path: 'limits.concurrency', label: 'Concurrency' },
  ...WARM_UP_FIELDS,
] as const;

const FIRST_DAY = 50;
const GROWTH_PERCENT = 50;
const DAY_MS = 24 * 60 * 60 * 1000;
const number = new Intl.NumberFormat('en');

export function initialLimits(limits: SendingLimits | null): FormLimits {
  const { perSecond = '', perMinute = '', perDay = '', concurrency = '', warmUp } = limits ?? {};
  const { startsOn = '', firstDay = '', growthPercent = '' } = warmUp ?? {};
  return {
    perSecond,
    perMinute,
    perDay,
    concurrency,
    hasWarmUp: warmUp !== undefined,
    startsOn,
    firstDay,
    growthPercent,
  };
}

/** Switches the warm-up on or off. What was never typed gets a plan that starts today. */
export function withWarmUp(limits: FormLimits, hasWarmUp: boolean, now: Date): FormLimits {
  const { startsOn, firstDay, growthPercent } = limits;
  if (!hasWarmUp || startsOn !== '') return { ...limits, hasWarmUp };
  return {
    ...limits,
    hasWarmUp,
    startsOn: now.toISOString().slice(0, 10),
    firstDay: firstDay === '' ? FIRST_DAY : firstDay,
    growthPercent: growthPercent === '' ? GROWTH_PERCENT : growthPercent,
  };
}

/** The limits as the service takes them; null without any. It checks them. */
export function limitsIn(typed: FormLimits): SendingLimits | null {
  const { perSecond, perMinute, perDay, concurrency, hasWarmUp, startsOn, firstDay, growthPercent } = typed;
  const warmUp = { ...(startsOn === '' ? {} : { startsOn }), ...numbersIn({ firstDay, growthPercent }) };
  const limits = { ...numbersIn({ perSecond, perMinute, perDay, concurrency }), ...(hasWarmUp ? { warmUp } : {}) };
  return Object.keys(limits).length === 0 ? null : (limits as SendingLimits);
}

/** The first day on which a warm-up allows as much as the limit per day; undefined while they are not complete. */
export function endOfWarmUp(typed: FormLimits): Date | undefined {
  const start = Date.parse(typed.startsOn);
  const { perDay = 0, firstDay = 0, growthPercent = 0 } = numbersIn(typed);
  if (!typed.hasWarmUp || Number.isNaN(start) || !(perDay >= 1 && firstDay >= 1 && growthPercent >= 1))
    return undefined;
  let days = 0;
  // As the service counts.
  while (Math.floor(firstDay * (1 + growthPercent / 100) ** days) < perDay) days++;
  return new Date(start + days * DAY_MS);
}

/** "14 per second, 50,000 per day, warm-up from Dec 1, 2026: 50 emails, 50% more each day". */
export function limitsInWords(limits: SendingLimits | null): string {
  if (limits === null) return 'None';
  const { perSecond, perMinute, perDay, concurrency, warmUp } = limits;
  const parts = [
    perSecond === undefined ? [] : `${number.format(perSecond)} per second`,
    perMinute === undefined ? [] : `${number.format(perMinute)} per minute`,
    perDay === undefined ? [] : `${number.format(perDay)} per day`,
    concurrency === undefined
      ? []
      : `${number.format(concurrency)} ${concurrency === 1 ? 'call' : 'calls'} at the same time`,
    warmUp === undefined
      ? []
      : `warm-up from ${dayInWords(new Date(warmUp.startsOn))}: ${number.format(warmUp.firstDay)} emails, ${String(warmUp.growthPercent)}% more each day`,
  ];
  return parts.flat().join(', ');
}

/** A day in UTC: "Dec 1, 2026". */
export function dayInWords(day: Date): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(day);
}

/** The values that were typed, as numbers. */
function numbersIn(typed: object): Readonly<Record<string, number>> {
  const given = Object.entries(typed).filter(([, value]) => value !== '' && Number.isFinite(Number(value)));
  return Object.fromEntries(given.map(([name, value]) => [name, Number(value)]));
}

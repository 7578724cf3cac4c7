import type { StatsBucket, StatsInterval } from '../../api/types.ts';
import type { StatsPeriod } from '../../app/search.ts';

interface Period {
  readonly label: string;
  readonly interval: StatsInterval;
  readonly days: number;
}

/** The periods to choose from. Long ones are shown by day: the API returns hours for up to 31 days. */
export const PERIODS: Readonly<Record<StatsPeriod, Period>> = {
  '24h': { label: '24 hours', interval: 'hour', days: 1 },
  '7d': { label: '7 days', interval: 'hour', days: 7 },
  '30d': { label: '30 days', interval: 'day', days: 30 },
  '12m': { label: '12 months', interval: 'day', days: 365 },
};

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const hour = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const fullDay = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

/** The beginning of a bucket in full: an hour in the user's time zone, or a day of UTC. */
export function bucketLabel(interval: StatsInterval, { start }: StatsBucket): string {
  return (interval === 'hour' ? hour : fullDay).format(new Date(start));
}

/** The beginning of a bucket on an axis. */
export function tickLabel(period: StatsPeriod, { start }: StatsBucket): string {
  if (period === '24h') return time.format(new Date(start));
  // A day of the user's own calendar, for hours.
  return PERIODS[period].interval === 'hour'
    ? new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' }).format(new Date(start))
    : day.format(new Date(start));
}

import { type JsonItem, scalarOf, unixTime } from '@score-crm/adapter-kit';

// RFC 3339. `Date.parse` alone would read "1" and "soon 1" as dates too.
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** When an event happened: Unix seconds in a text, as the vendor writes it today, or a time as in its other fields. */
export function eventTime(event: JsonItem): Date | undefined {
  const value = scalarOf(event, 'timestamp');
  const time = RFC_3339.test(value ?? '') ? new Date(value ?? '') : unixTime(value);
  return time === undefined || !(time.getTime() > 0) ? undefined : time;
}

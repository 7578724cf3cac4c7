import { type JsonItem, scalarOf, unixTime } from '@score-crm/adapter-kit';

// RFC 3339. `Date.parse` by itself would also accept "1" and "soon 1".
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Returns when an event occurred: Unix seconds in a string, the vendor's current format, or a time as in its other
 * fields.
 */
export function eventTime(event: JsonItem): Date | undefined {
  const value = scalarOf(event, 'timestamp');
  const time = RFC_3339.test(value ?? '') ? new Date(value ?? '') : unixTime(value);
  return time === undefined || !(time.getTime() > 0) ? undefined : time;
}

// `Date.parse` by itself would also accept "1" and "soon 1".
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const MILLISECONDS_FROM = 1e12;
const END_OF_9999 = 253_402_300_799_999;

/** Parses a time in Unix seconds, or in milliseconds above 10¹². Returns undefined if the value is not a time. */
export function unixTime(value: string | number | undefined): Date | undefined {
  const text = String(value ?? '');
  if (!/^\d{1,15}(?:\.\d+)?(?:e\+?\d{1,2})?$/i.test(text)) return undefined;
  const number = Number(text);
  const milliseconds = Math.trunc(number > MILLISECONDS_FROM ? number : number * 1000);
  return milliseconds > 0 && milliseconds <= END_OF_9999 ? new Date(milliseconds) : undefined;
}

/** Parses a time such as `2026-01-02T03:04:05.678Z` (RFC 3339). Returns undefined if the value is not a time after 1970. */
export function rfc3339Time(value: string | undefined): Date | undefined {
  const milliseconds = RFC_3339.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN;
  return milliseconds > 0 ? new Date(milliseconds) : undefined;
}

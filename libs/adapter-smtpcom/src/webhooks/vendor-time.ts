import { unixTime } from '@score-crm/adapter-kit';

const RFC_2822 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? [+-]\d{4}$/;

/** A time in Unix seconds, as events have it, or as RFC 2822 writes it, which some answers of the API do. */
export function vendorTime(value: string | undefined): Date | undefined {
  const unix = unixTime(value);
  if (unix !== undefined || value === undefined || !RFC_2822.test(value)) return unix;
  const milliseconds = Date.parse(value);
  return milliseconds > 0 ? new Date(milliseconds) : undefined;
}

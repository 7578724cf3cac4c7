import { unixTime } from '@score-crm/adapter-kit';

const RFC_2822 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? [+-]\d{4}$/;

/** Parses a time in Unix seconds, as in events, or in RFC 2822 format, as in some responses of the API. */
export function vendorTime(value: string | undefined): Date | undefined {
  const unix = unixTime(value);
  if (unix !== undefined || value === undefined || !RFC_2822.test(value)) return unix;
  const milliseconds = Date.parse(value);
  return milliseconds > 0 ? new Date(milliseconds) : undefined;
}

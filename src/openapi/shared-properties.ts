import type { ApiPropertyOptions } from '@nestjs/swagger';

/** `nextCursor` of every page. */
export const NEXT_CURSOR: ApiPropertyOptions = {
  type: String,
  nullable: true,
  description: 'Pass it as `cursor` to fetch the next page. Null on the last page.',
};

/** One value of a vendor's settings. */
export const SETTINGS_VALUE = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] };

/** `allowedSenderDomains` of a connection. */
export const SENDER_DOMAINS: ApiPropertyOptions = {
  type: [String],
  description:
    'The domains that messages may be sent from: `example.com`, or `*.example.com` for all of its subdomains. An empty list allows every domain.',
  example: ['example.com', '*.example.com'],
};

import { InvalidQueryError } from '@score-crm/connections';
import type { ConnectionQuery } from '@score-crm/connections';
import { readPageQuery } from '../paging/page-query.ts';

/** Reads the query of the list. @throws InvalidQueryError */
export function readConnectionQuery(query: Readonly<Record<string, unknown>>): ConnectionQuery {
  const { filters, limit, cursor } = readPageQuery(query, ['vendor', 'search']);
  return { vendor: readVendor(filters.vendor), text: filters.search, limit, cursor };
}

function readVendor(vendor: string | undefined): string | undefined {
  if (vendor !== undefined && !/^[a-z0-9]{1,32}$/.test(vendor)) {
    throw new InvalidQueryError([
      {
        pointer: '/vendor',
        code: 'unknown_vendor',
        message: 'Give the key of a vendor, as /api/v1/vendors lists them.',
      },
    ]);
  }
  return vendor;
}

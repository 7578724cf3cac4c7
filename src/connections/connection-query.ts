import type { ConnectionQuery } from '@score-crm/connections';
import { InvalidQueryError } from '../problems/invalid-query.error.ts';

const KNOWN = ['vendor', 'search', 'limit', 'cursor'];
const MAX_LIMIT = 100;

/** Reads the query of the list. @throws InvalidQueryError */
export function readConnectionQuery(query: Readonly<Record<string, unknown>>): ConnectionQuery {
  for (const [name, value] of Object.entries(query)) {
    if (!KNOWN.includes(name)) {
      throw new InvalidQueryError(name, 'unknown_parameter', `There is no such parameter. Use ${KNOWN.join(', ')}.`);
    }
    if (typeof value !== 'string') throw new InvalidQueryError(name, 'repeated', 'Give this parameter once.');
  }
  const { vendor, search, limit, cursor } = query as Readonly<Record<string, string | undefined>>;
  return {
    vendor: readVendor(vendor),
    text: search || undefined,
    limit: readLimit(limit),
    cursor: cursor || undefined,
  };
}

function readVendor(vendor: string | undefined): string | undefined {
  if (vendor === undefined || vendor === '') return undefined;
  if (!/^[a-z0-9]{1,32}$/.test(vendor)) {
    throw new InvalidQueryError('vendor', 'unknown_vendor', 'Give the key of a vendor, as /api/v1/vendors lists them.');
  }
  return vendor;
}

function readLimit(limit: string | undefined): number | undefined {
  if (limit === undefined || limit === '') return undefined;
  const number = Number(limit);
  if (!/^\d{1,3}$/.test(limit) || number < 1 || number > MAX_LIMIT) {
    throw new InvalidQueryError('limit', 'out_of_range', `Give a whole number from 1 to ${String(MAX_LIMIT)}.`);
  }
  return number;
}

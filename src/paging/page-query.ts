import { InvalidQueryError } from '../problems/invalid-query.error.ts';

const MAX_LIMIT = 100;

/** What a list is asked for: its own filters as text, and the page. An empty parameter is an absent one. */
export interface PageQuery<Filter extends string> {
  readonly filters: Readonly<Partial<Record<Filter, string>>>;
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** Reads the query of a list. @throws InvalidQueryError for a parameter that is unknown, repeated or out of range. */
export function readPageQuery<Filter extends string>(
  query: Readonly<Record<string, unknown>>,
  filters: readonly Filter[],
): PageQuery<Filter> {
  const known = [...filters, 'limit', 'cursor'];
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) {
      throw new InvalidQueryError(name, 'unknown_parameter', `There is no such parameter. Use ${known.join(', ')}.`);
    }
    if (typeof value !== 'string') throw new InvalidQueryError(name, 'repeated', 'Give this parameter once.');
    if (value !== '') given[name] = value;
  }
  const { limit, cursor, ...rest } = given;
  return { filters: rest as PageQuery<Filter>['filters'], limit: readLimit(limit), cursor };
}

function readLimit(limit: string | undefined): number | undefined {
  if (limit === undefined) return undefined;
  const number = Number(limit);
  if (!/^\d{1,3}$/.test(limit) || number < 1 || number > MAX_LIMIT) {
    throw new InvalidQueryError('limit', 'out_of_range', `Give a whole number from 1 to ${String(MAX_LIMIT)}.`);
  }
  return number;
}

import { InvalidQueryError } from '@score-crm/connections';

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
  const { limit, cursor, ...rest } = readQuery(query, [...filters, 'limit', 'cursor']);
  return { filters: rest as PageQuery<Filter>['filters'], limit: readNumber('limit', limit, MAX_LIMIT), cursor };
}

/** Reads a query of these parameters. @throws InvalidQueryError for one that is unknown or repeated */
export function readQuery<Name extends string>(
  query: Readonly<Record<string, unknown>>,
  known: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (!known.some((one) => one === name)) {
      throw new InvalidQueryError([
        {
          pointer: `/${name}`,
          code: 'unknown_parameter',
          message: `There is no such parameter. Use ${known.join(', ')}.`,
        },
      ]);
    }
    if (typeof value !== 'string')
      throw new InvalidQueryError([{ pointer: `/${name}`, code: 'repeated', message: 'Give this parameter once.' }]);
    if (value !== '') given[name] = value;
  }
  return given as Readonly<Partial<Record<Name, string>>>;
}

/** Reads a whole number from 1 to `most`. @throws InvalidQueryError */
export function readNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < 1 || number > most) {
    throw new InvalidQueryError([
      { pointer: `/${name}`, code: 'out_of_range', message: `Give a whole number from 1 to ${String(most)}.` },
    ]);
  }
  return number;
}

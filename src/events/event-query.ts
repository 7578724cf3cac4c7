import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import type { EventQuery } from '@score-crm/connections';
import { readPageQuery } from '../paging/page-query.ts';
import { InvalidQueryError } from '../problems/invalid-query.error.ts';

/** Reads the query of the list. @throws InvalidQueryError */
export function readEventQuery(query: Readonly<Record<string, unknown>>): EventQuery {
  const { filters, limit, cursor } = readPageQuery(query, ['kind', 'recipient']);
  return { kind: readKind(filters.kind), recipient: filters.recipient, limit, cursor };
}

function readKind(text: string | undefined): EventKind | undefined {
  if (text === undefined) return undefined;
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new InvalidQueryError('kind', 'unknown_kind', `Give one of ${EVENT_KINDS.join(', ')}.`);
  }
  return kind;
}

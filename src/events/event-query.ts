import { InvalidQueryError } from '@score-crm/connections';
import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import type { EventQuery } from '@score-crm/connections';
import { readPageQuery } from '../paging/page-query.ts';

/** Reads the query of the list. @throws InvalidQueryError */
export function readEventQuery(query: Readonly<Record<string, unknown>>): EventQuery {
  const { filters, limit, cursor } = readPageQuery(query, ['kind', 'recipient']);
  return { kind: readKind(filters.kind), recipient: filters.recipient, limit, cursor };
}

function readKind(text: string | undefined): EventKind | undefined {
  if (text === undefined) return undefined;
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new InvalidQueryError([
      { pointer: '/kind', code: 'unknown_kind', message: `Give one of ${EVENT_KINDS.join(', ')}.` },
    ]);
  }
  return kind;
}

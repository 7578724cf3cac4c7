import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import type { EventQuery } from '@score-crm/connections';
import { InvalidQueryError } from '../problems/invalid-query.error.ts';

const KNOWN = ['kind', 'recipient', 'limit', 'cursor'];
const MAX_LIMIT = 100;

/** Reads the query of the list. @throws InvalidQueryError */
export function readEventQuery(query: Readonly<Record<string, unknown>>): EventQuery {
  for (const [name, value] of Object.entries(query)) {
    if (!KNOWN.includes(name)) {
      throw new InvalidQueryError(name, 'unknown_parameter', `There is no such parameter. Use ${KNOWN.join(', ')}.`);
    }
    if (typeof value !== 'string') throw new InvalidQueryError(name, 'repeated', 'Give this parameter once.');
  }
  const { kind, recipient, limit, cursor } = query as Readonly<Record<string, string | undefined>>;
  return {
    kind: readKind(kind),
    recipient: recipient || undefined,
    limit: readLimit(limit),
    cursor: cursor || undefined,
  };
}

function readKind(text: string | undefined): EventKind | undefined {
  if (text === undefined || text === '') return undefined;
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new InvalidQueryError('kind', 'unknown_kind', `Give one of ${EVENT_KINDS.join(', ')}.`);
  }
  return kind;
}

function readLimit(limit: string | undefined): number | undefined {
  if (limit === undefined || limit === '') return undefined;
  const number = Number(limit);
  if (!/^\d{1,3}$/.test(limit) || number < 1 || number > MAX_LIMIT) {
    throw new InvalidQueryError('limit', 'out_of_range', `Give a whole number from 1 to ${String(MAX_LIMIT)}.`);
  }
  return number;
}

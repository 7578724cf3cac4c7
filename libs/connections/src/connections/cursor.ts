import { validate as isUuid } from 'uuid';
import { InvalidQueryError } from '../errors/invalid-query.error.ts';

export interface Page<T> {
  readonly data: readonly T[];
  /** Leads to the next page; null on the last one. */
  readonly nextCursor: string | null;
}

export const INVALID_CURSOR =
  'Invalid cursor. Use nextCursor from the previous page, or omit it to start from the beginning.';

export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws InvalidQueryError */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) {
    throw new InvalidQueryError([{ pointer: '/cursor', code: 'invalid_cursor', message: INVALID_CURSOR }]);
  }
  return id;
}

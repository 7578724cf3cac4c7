import { validate as isUuid } from 'uuid';
import { InvalidInputError } from './errors.ts';

export interface Page<T> {
  readonly data: readonly T[];
  /** Leads to the next page; null on the last one. */
  readonly nextCursor: string | null;
}

export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws InvalidInputError */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) {
    const message = 'This is no cursor of ours. Take nextCursor of the page before, or leave it out to start anew.';
    throw new InvalidInputError([{ pointer: '/cursor', code: 'invalid_cursor', message }]);
  }
  return id;
}

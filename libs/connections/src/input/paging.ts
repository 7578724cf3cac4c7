import type { FieldError } from '@score-crm/adapter-kit';
import { validate as isUuid } from 'uuid';
import { ConnectionsError } from '../errors/connections.error.ts';

/** A parameter of a query, such as `limit` or `cursor`, is not valid. `errors` has the problems, with pointers such as `/limit`. */
export class InvalidQueryError extends ConnectionsError {
  readonly code = 'invalid_query';
  override readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(errors.map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`).join(' '));
    this.errors = errors;
  }
}

export interface Page<T> {
  readonly data: readonly T[];
  /** The `cursor` of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** How many items a page may have. */
export const PAGE_LIMITS = { default: 25, max: 100 } as const;

export const INVALID_CURSOR =
  'Invalid cursor. Use `nextCursor` from the previous page, or omit it to start from the beginning.';

export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws InvalidQueryError */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) throw invalidCursor();
  return id;
}

/** The first id that a row of this time may have: a UUID of version 7 begins with its time. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(time.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

const NUMBER_ID = /^[1-9]\d{0,15}$/;

/** An id that is a number, from its text. */
export function parseNumberId(text: string): number | undefined {
  return NUMBER_ID.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** @param kind what the id names: the cursor of one list is not valid for another */
export function encodeNumberCursor(kind: string, id: number): string {
  return Buffer.from(`${kind}:${String(id)}`).toString('base64url');
}

/** @throws InvalidQueryError */
export function decodeNumberCursor(kind: string, cursor: string): number {
  const [given, text = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const id = given === kind ? parseNumberId(text) : undefined;
  if (id !== undefined) return id;
  throw invalidCursor();
}

export function invalidCursor(): InvalidQueryError {
  return new InvalidQueryError([{ pointer: '/cursor', code: 'invalid_cursor', message: INVALID_CURSOR }]);
}

/**
 * A number of a query, or its default.
 * @throws InvalidQueryError unless it is a whole number from 1 to the maximum
 */
export function checkedNumber(
  name: string,
  number: number | undefined,
  range: { readonly default: number; readonly max: number },
): number {
  if (number === undefined) return range.default;
  if (Number.isInteger(number) && number >= 1 && number <= range.max) return number;
  const message = `Use a whole number from 1 to ${String(range.max)}.`;
  throw new InvalidQueryError([{ pointer: `/${name}`, code: 'out_of_range', message }]);
}

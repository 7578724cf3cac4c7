import { invalidCursor } from '../connections/paging.ts';

const ID = /^[1-9]\d{0,14}$/;

export function parseEventId(text: string): number | undefined {
  return ID.test(text) ? Number(text) : undefined;
}

export function encodeEventCursor(id: number): string {
  return Buffer.from(`event:${String(id)}`).toString('base64url');
}

/** @throws InvalidQueryError */
export function decodeEventCursor(cursor: string): number {
  const [kind, text = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const id = kind === 'event' ? parseEventId(text) : undefined;
  if (id !== undefined) return id;
  throw invalidCursor();
}

import { ConnectionsError } from '../errors/connections.error.ts';
import { InvalidQueryError } from '../input/paging.ts';

/** A place in the feed: after an event of an entry. */
export interface FeedPosition {
  readonly seq: number;
  /** How many events of the entry are before it; 0 for the beginning of the entry. */
  readonly index: number;
}

export const FEED_START: FeedPosition = { seq: 0, index: 0 };

/** The events after this position have been deleted. */
export class PositionExpiredError extends ConnectionsError {
  readonly code = 'position_expired';

  constructor() {
    super(
      'Events after this position have been deleted. Read without `after` to continue with the oldest stored event.',
    );
  }
}

const POSITION = /^(\d{1,15})-(\d{1,9})$/;

/** Such as `1042-17`. */
export function positionText({ seq, index }: FeedPosition): string {
  return `${String(seq)}-${String(index)}`;
}

/** @throws InvalidQueryError */
export function parsePosition(text: string): FeedPosition {
  const [, seq, index] = POSITION.exec(text) ?? [];
  if (seq !== undefined && index !== undefined) return { seq: Number(seq), index: Number(index) };
  const message = 'Invalid position. Use the `position` of an event or `next` of the previous response.';
  throw new InvalidQueryError([{ pointer: '/after', code: 'invalid_position', message }]);
}

/** The last entry that is read at this position, completely or in part. */
export function lastRead({ seq, index }: FeedPosition): number {
  return index === 0 ? seq - 1 : seq;
}

/** Whether `a` is before `b`. */
export function isBefore(a: FeedPosition, b: FeedPosition): boolean {
  return a.seq < b.seq || (a.seq === b.seq && a.index < b.index);
}

import type { FeedPosition } from '../feed/feed-position.ts';

const SEQ_DIGITS = 15;
const INDEX_DIGITS = 9;

/** A position as text that sorts like the feed. */
export function sortablePosition({ seq, index }: FeedPosition): string {
  return `${String(seq).padStart(SEQ_DIGITS, '0')}-${String(index).padStart(INDEX_DIGITS, '0')}`;
}

export function parseSortable(text: string): FeedPosition {
  return { seq: Number(text.slice(0, SEQ_DIGITS)), index: Number(text.slice(SEQ_DIGITS + 1)) };
}

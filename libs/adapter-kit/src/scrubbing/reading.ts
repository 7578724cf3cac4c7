/**
 * One way to read a text: unchanged, or with some of its encodings undone. Every index is a place where a character may
 * start, whether or not reading from the start of the text arrives there. So the text before a secret cannot hide it by
 * consuming its first character: the backslash before `\nil`, say, when the secret is `nil`.
 */
export interface Reading {
  /** The number of places. The arrays have at least one more element, for the end. */
  readonly size: number;
  /** The code point (or byte) that starts at a place; -1 if none does. */
  readonly characters: Int32Array;
  /** The place after that character: always higher; `size` at the end. */
  readonly next: Int32Array;
  /** Where in the text a place starts, in UTF-16 units. */
  readonly starts: Int32Array;
  /** Where in the text the preceding place ends: after the start of this place if they share a unit. */
  readonly ends: Int32Array;
}

/** Counts the characters that are read: a search must stay linear, and a count shows that even on a busy machine. */
export interface Work {
  steps: number;
}

/** Reads a text unchanged. */
export function readText(text: string): Reading {
  const size = text.length;
  const characters = new Int32Array(size + 1).fill(-1);
  const next = new Int32Array(size + 1).fill(size);
  const starts = Int32Array.from({ length: size + 1 }, (_, place) => place);
  for (let place = 0; place < size; place += 1) {
    const character = text.codePointAt(place) ?? -1;
    characters[place] = character;
    next[place] = place + (character > 0xffff ? 2 : 1);
  }
  return { size, characters, next, starts, ends: starts };
}

/** Returns the characters of a reading from start to end as text. */
export function textOf({ size, characters, next }: Reading): string {
  const pieces: string[] = [];
  for (let place = 0; place < size; place = next[place] ?? size) {
    pieces.push(String.fromCodePoint(characters[place] ?? 0));
  }
  return pieces.join('');
}

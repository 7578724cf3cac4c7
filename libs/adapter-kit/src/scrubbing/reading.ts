/**
 * One way to read a text: as it is, or with some of its encodings undone. Every index is a place where a character may
 * begin, whether or not the reading from the start of the text arrives there. So the text before a secret cannot hide
 * it by swallowing its first character: the backslash before `\nil`, say, when the secret is `nil`.
 */
export interface Reading {
  /** How many places there are. The arrays hold at least one more, for the end. */
  readonly size: number;
  /** The code point, or byte, that begins at a place; -1 where none does. */
  readonly characters: Int32Array;
  /** The place after that character: always a higher one, `size` at the end. */
  readonly next: Int32Array;
  /** Where in the text a place begins, in UTF-16 units. */
  readonly starts: Int32Array;
  /** Where in the text that ends which comes before a place: later than the place begins if they share a unit. */
  readonly ends: Int32Array;
}

/** Counts the characters that are read: a search has to stay linear, and a count shows it on a busy machine too. */
export interface Work {
  steps: number;
}

/** Reads a text as it is. */
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

/** The characters of a reading from its start to its end, as text. */
export function textOf({ size, characters, next }: Reading): string {
  const pieces: string[] = [];
  for (let place = 0; place < size; place = next[place] ?? size) {
    pieces.push(String.fromCodePoint(characters[place] ?? 0));
  }
  return pieces.join('');
}

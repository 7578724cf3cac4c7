import { hexDigit, type Reading, type Work } from './escapes.ts';

/**
 * Reads pairs of hexadecimal digits as bytes, from every place. Returns undefined if there is no run of at least that
 * many bytes.
 */
export function readHex(reading: Reading, fewest: number, work: Work): Reading | undefined {
  const { size, characters, next } = reading;
  const bytes = new Int32Array(size + 1).fill(-1);
  const after = new Int32Array(size + 1).fill(size);
  work.steps += size;
  for (let place = 0; place < size; place += 1) {
    const second = next[place] ?? size;
    const high = hexDigit(characters[place] ?? -1);
    const low = high < 0 ? -1 : hexDigit(characters[second] ?? -1);
    if (low >= 0) bytes[place] = high * 16 + low;
    after[place] = next[second] ?? size;
  }
  return withRow({ ...reading, characters: bytes, next: after }, fewest, work);
}

/**
 * Reads base64 as bytes, in both alphabets and across line breaks. Four characters encode three bytes, and the text
 * before a secret determines which of the four it starts with, so each character becomes three places, one for each
 * byte that may start in it. Returns undefined if there is no run of at least that many bytes.
 */
export function readBase64(reading: Reading, fewest: number, work: Work): Reading | undefined {
  const { size, characters, next, starts, ends } = reading;
  const following = afterLineBreaks(size, characters, next);
  const end = size * 3;
  const bytes = new Int32Array(end + 1).fill(-1);
  const after = new Int32Array(end + 1).fill(end);
  const byteStarts = new Int32Array(end + 1).fill(starts[size] ?? 0);
  const byteEnds = new Int32Array(end + 1).fill(ends[size] ?? 0);
  work.steps += end;
  for (let place = 0; place < size; place += 1) {
    const first = base64Digit(characters[place] ?? -1);
    const second = following[place] ?? size;
    const digit = base64Digit(characters[second] ?? -1);
    byteStarts.fill(starts[place] ?? 0, place * 3, place * 3 + 3);
    byteEnds[place * 3] = ends[place] ?? 0;
    // The previous byte ends in the middle of this character.
    byteEnds.fill(ends[next[place] ?? size] ?? 0, place * 3 + 1, place * 3 + 3);
    if (first < 0 || digit < 0) continue;
    bytes[place * 3] = (first * 4 + (digit >> 4)) & 0xff;
    bytes[place * 3 + 1] = ((first & 15) << 4) | (digit >> 2);
    bytes[place * 3 + 2] = ((first & 3) << 6) | digit;
    after[place * 3] = second * 3 + 1;
    after[place * 3 + 1] = second * 3 + 2;
    after[place * 3 + 2] = (following[second] ?? size) * 3;
  }
  return withRow({ size: end, characters: bytes, next: after, starts: byteStarts, ends: byteEnds }, fewest, work);
}

/** Ordinary words read as base64 produce short runs of bytes, which are not worth searching. */
function withRow(reading: Reading, fewest: number, work: Work): Reading | undefined {
  const { size, characters, next } = reading;
  const rows = new Int32Array(size + 1);
  work.steps += size;
  for (let place = size - 1; place >= 0; place -= 1) {
    if ((characters[place] ?? -1) < 0) continue;
    const row = (rows[next[place] ?? size] ?? 0) + 1;
    if (row >= fewest) return reading;
    rows[place] = row;
  }
  return undefined;
}

/** For every place the next one, after line breaks within a token. */
function afterLineBreaks(size: number, characters: Int32Array, next: Int32Array): Int32Array {
  const following = new Int32Array(size + 1).fill(size);
  const here = new Int32Array(size + 1).fill(size);
  for (let place = size - 1; place >= 0; place -= 1) {
    const after = next[place] ?? size;
    const behind = here[after] ?? size;
    following[place] = base64Digit(characters[behind] ?? -1) < 0 ? after : behind;
    const character = characters[place];
    here[place] = character === 0x0a || character === 0x0d ? behind : place;
  }
  return following;
}

/** A base64 token, while a reading is traversed from start to end. */
export interface Token {
  /** In the standard alphabet, without padding. */
  readonly digits: string;
  readonly from: number;
  readonly to: number;
}

export function tokensOf({ size, characters, next, starts }: Reading, work: Work): Token[] {
  const tokens: Token[] = [];
  work.steps += size;
  let digits: string[] = [];
  let from = 0;
  let padded = false;
  for (let place = 0; place <= size; place = place === size ? size + 1 : (next[place] ?? size)) {
    const character = characters[place] ?? -1;
    const digit = base64Digit(character);
    const offset = starts[place] ?? 0;
    if (digits.length > 0 && character === 0x3d) padded = true;
    else if (digits.length > 0 && (digit < 0 || padded)) {
      tokens.push({ digits: digits.join(''), from, to: offset });
      digits = [];
    }
    if (digit < 0) continue;
    if (digits.length === 0) {
      from = offset;
      padded = false;
    }
    digits.push(ALPHABET[digit] ?? '');
  }
  return tokens;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of `${ALPHABET}-_`.split('').entries()) {
  VALUES[digit.charCodeAt(0)] = value < 64 ? value : value - 2;
}

function base64Digit(character: number): number {
  return character < 0 ? -1 : (VALUES[character] ?? -1);
}

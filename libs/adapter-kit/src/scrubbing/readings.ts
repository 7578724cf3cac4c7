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

/** JSON and other backslashes, URLs and forms, HTML; `any` undoes all of them in one round. */
export type Escaping = 'backslash' | 'percent' | 'html' | 'any';

/** The character that one escape represents, and the place after it. */
type Escape = readonly [character: number, next: number];

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const LETTER_U = 0x75;
const LETTER_X = 0x78;
const SEMICOLON = 0x3b;

// `\"`, `\!` and the like need no table: before a character that is neither a letter nor a digit, a backslash only quotes.
const CONTROL_ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({ b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 }).map(([letter, code]) => [letter.charCodeAt(0), code]),
);
// HTML 4.01, 24.2: in the order of their code points, from U+00A0.
const LATIN1_NAMES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml';
const ENTITIES: ReadonlyMap<string, number> = new Map([
  ...LATIN1_NAMES.split(' ').map((name, index) => [name, 0xa0 + index] as const),
  ...Object.entries({ amp: 0x26, AMP: 0x26, lt: 0x3c, LT: 0x3c, gt: 0x3e, GT: 0x3e, quot: 0x22, QUOT: 0x22 }),
  ['apos', 0x27],
]);
/** `&#x10FFFF;` and `&#1114111;`, and some leading zeros. */
const MAX_ENTITY_LENGTH = 12;
/** The most characters of one escape: two of `\uXXXX`. */
const MAX_STEPS = 12;

/** Undoes one round of escaping; undefined where there is nothing to undo. */
export function unescape(reading: Reading, escaping: Escaping, work: Work): Reading | undefined {
  const { size } = reading;
  let characters: Int32Array | undefined;
  let next: Int32Array | undefined;
  work.steps += size;
  for (let place = 0; place < size; place += 1) {
    const character = reading.characters[place];
    if (character !== BACKSLASH && character !== PERCENT && character !== AMPERSAND) continue;
    work.steps += MAX_STEPS;
    const escape = escapeAt(reading, place, character, escaping);
    if (escape === undefined) continue;
    characters ??= reading.characters.slice();
    next ??= reading.next.slice();
    characters[place] = escape[0];
    next[place] = escape[1];
  }
  return characters === undefined || next === undefined ? undefined : { ...reading, characters, next };
}

function escapeAt(reading: Reading, place: number, character: number, escaping: Escaping): Escape | undefined {
  const after = reading.next[place] ?? reading.size;
  if (character === BACKSLASH) {
    return escaping === 'backslash' || escaping === 'any' ? afterBackslash(reading, after) : undefined;
  }
  if (character === PERCENT) {
    return escaping === 'percent' || escaping === 'any' ? afterPercent(reading, after) : undefined;
  }
  return escaping === 'html' || escaping === 'any' ? afterAmpersand(reading, after) : undefined;
}

function afterBackslash(reading: Reading, place: number): Escape | undefined {
  const character = reading.characters[place] ?? -1;
  const after = reading.next[place] ?? reading.size;
  if (lower(character) === LETTER_U) return utf16(reading, after, BACKSLASH);
  if (lower(character) === LETTER_X) return hexadecimal(reading, after, 2);
  const control = CONTROL_ESCAPES.get(character);
  if (control !== undefined) return [control, after];
  return character < 0 || isWord(character) ? undefined : [character, after];
}

// Bytes stay bytes: a secret is searched for as UTF-8 and as Latin-1.
function afterPercent(reading: Reading, place: number): Escape | undefined {
  if (lower(reading.characters[place] ?? -1) === LETTER_U) {
    return utf16(reading, reading.next[place] ?? reading.size, PERCENT);
  }
  return hexadecimal(reading, place, 2);
}

/** Four hexadecimal digits, and the second half of a surrogate pair after the same mark. */
function utf16(reading: Reading, place: number, mark: number): Escape | undefined {
  const first = hexadecimal(reading, place, 4);
  if (first === undefined || first[0] < 0xd800 || first[0] > 0xdbff) return first;
  const [high, after] = first;
  const letter = reading.next[after] ?? reading.size;
  if (reading.characters[after] !== mark || lower(reading.characters[letter] ?? -1) !== LETTER_U) return first;
  const second = hexadecimal(reading, reading.next[letter] ?? reading.size, 4);
  if (second === undefined || second[0] < 0xdc00 || second[0] > 0xdfff) return first;
  return [0x10000 + (high - 0xd800) * 0x400 + (second[0] - 0xdc00), second[1]];
}

function afterAmpersand(reading: Reading, start: number): Escape | undefined {
  let name = '';
  let place = start;
  while (
    name.length < MAX_ENTITY_LENGTH &&
    (isWord(reading.characters[place] ?? -1) || reading.characters[place] === 0x23)
  ) {
    name += String.fromCharCode(reading.characters[place] ?? 0);
    place = reading.next[place] ?? reading.size;
  }
  if (reading.characters[place] !== SEMICOLON) return undefined;
  const character = ENTITIES.get(name) ?? numericEntity(name);
  return character === undefined ? undefined : [character, reading.next[place] ?? reading.size];
}

function numericEntity(name: string): number | undefined {
  const match = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  return code <= 0x10ffff ? code : undefined;
}

function hexadecimal(reading: Reading, start: number, digits: number): Escape | undefined {
  let value = 0;
  let place = start;
  for (let count = 0; count < digits; count += 1) {
    const digit = hexDigit(reading.characters[place] ?? -1);
    if (digit < 0) return undefined;
    value = value * 16 + digit;
    place = reading.next[place] ?? reading.size;
  }
  return [value, place];
}

/** The value of a hexadecimal digit; -1 for any other character. */
export function hexDigit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = lower(character);
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Letters, digits and the underscore of ASCII. */
export function isWord(character: number): boolean {
  const letter = lower(character);
  return (letter >= 0x61 && letter <= 0x7a) || (character >= 0x30 && character <= 0x39) || character === 0x5f;
}

function lower(character: number): number {
  return character >= 0x41 && character <= 0x5a ? character + 0x20 : character;
}

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

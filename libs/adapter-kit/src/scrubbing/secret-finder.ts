import {
  type Escaping,
  isWord,
  readBase64,
  readHex,
  type Reading,
  readText,
  textOf,
  tokensOf,
  unescape,
  type Work,
} from './readings.ts';

/** Secrets shorter than this many bytes occur in so many words that they are only searched as whole words. */
const SHORT = 4;

/** The ranges of a text that were found: +1 where one starts, -1 where it ends. */
type Stretches = Int32Array;

/** A text to search for, in any case, and with a plus sign for a space, as in forms. */
class Needle {
  readonly isShort: boolean;
  private readonly characters: Int32Array;
  // The search runs from the end of a text to its start, so the needle is reversed too.
  private table: { readonly reversed: Int32Array; readonly fallback: Int32Array } | undefined;
  private readonly unescaped = new Map<Escaping, string>();

  constructor(readonly text: string) {
    this.isShort = Buffer.byteLength(text) < SHORT;
    this.characters = Int32Array.from(text, (character) => fold(character.codePointAt(0) ?? 0));
  }

  /** In characters. */
  get length(): number {
    return this.characters.length;
  }

  /** This text after a round of decoding. */
  decoded(escaping: Escaping): string {
    let text = this.unescaped.get(escaping);
    if (text === undefined) {
      const reading = unescape(readText(this.text), escaping, { steps: 0 });
      text = reading === undefined ? this.text : textOf(reading);
      this.unescaped.set(escaping, text);
    }
    return text;
  }

  /** Marks what it finds; returns whether it found anything. */
  find(reading: Reading, found: Stretches, work: Work): boolean {
    if (this.characters.length === 0 || this.characters.length > reading.size) return false;
    return this.isShort ? this.findAlone(reading, found, work) : this.findAnywhere(reading, found, work);
  }

  /**
   * The Knuth-Morris-Pratt search, from end to start: each place has one successor but may have many predecessors. The
   * strong failure table makes the steps at one place at most logarithmic in the length of the needle.
   */
  private findAnywhere(reading: Reading, found: Stretches, work: Work): boolean {
    const { size, characters, next, starts, ends } = reading;
    const { reversed, fallback } = (this.table ??= tableOf(this.characters));
    const length = reversed.length;
    const matched = new Int32Array(size + 1);
    let remaining: Int32Array | undefined;
    let steps = size;
    for (let place = size - 1; place >= 0; place -= 1) {
      const character = characters[place] ?? -1;
      if (character < 0) continue;
      const folded = fold(character);
      let state = matched[next[place] ?? size] ?? 0;
      while (state >= 0 && reversed[state] !== folded) {
        state = fallback[state] ?? -1;
        steps += 1;
      }
      state += 1;
      if (state === length) {
        remaining ??= new Int32Array(size + 1);
        remaining[place] = length;
        state = fallback[length] ?? 0;
      }
      matched[place] = state;
    }
    work.steps += steps;
    if (remaining === undefined) return false;
    work.steps += size;
    for (let place = 0; place < size; place += 1) {
      const left = remaining[place] ?? 0;
      if (left === 0) continue;
      const after = next[place] ?? size;
      mark(found, starts[place] ?? 0, ends[after] ?? 0);
      if (left - 1 > (remaining[after] ?? 0)) remaining[after] = left - 1;
    }
    return true;
  }

  private findAlone(reading: Reading, found: Stretches, work: Work): boolean {
    const { size, characters, next, starts, ends } = reading;
    let any = false;
    let before = -1;
    work.steps += size * SHORT;
    for (let place = 0; place < size; place = next[place] ?? size) {
      if (!isWord(before)) {
        let end = place;
        const length = this.characters.length;
        let count = 0;
        while (count < length && end < size && fold(characters[end] ?? -1) === this.characters[count]) {
          end = next[end] ?? size;
          count += 1;
        }
        if (count === length && !isWord(characters[end] ?? -1)) {
          mark(found, starts[place] ?? 0, ends[end] ?? 0);
          any = true;
        }
      }
      before = characters[place] ?? -1;
    }
    return any;
  }
}

export function mark(found: Stretches, from: number, to: number): void {
  found[from] = (found[from] ?? 0) + 1;
  found[to] = (found[to] ?? 0) - 1;
}

function tableOf(characters: Int32Array): { reversed: Int32Array; fallback: Int32Array } {
  const reversed = characters.toReversed();
  const { length } = reversed;
  const fallback = new Int32Array(length + 1);
  fallback[0] = -1;
  let border = 0;
  for (let index = 1; index < length; index += 1) {
    const same = reversed[index] === reversed[border];
    fallback[index] = same ? (fallback[border] ?? -1) : border;
    while (border >= 0 && reversed[index] !== reversed[border]) border = fallback[border] ?? -1;
    border += 1;
  }
  fallback[length] = border;
  return { reversed, fallback };
}

let foldings: Uint16Array | undefined;

/** Case-folds a character. Beyond the Basic Multilingual Plane the case is not ignored. */
function fold(character: number): number {
  if (character === 0x2b) return 0x20;
  if (character < 0x80) return character >= 0x41 && character <= 0x5a ? character + 0x20 : character;
  if (character > 0xffff) return character;
  foldings ??= Uint16Array.from({ length: 0x10000 }, (_, code) => {
    // Twice, for letters with two lowercase forms such as the Greek sigma.
    const folded = String.fromCharCode(code).toUpperCase().toLowerCase();
    return folded.length === 1 ? folded.charCodeAt(0) : code;
  });
  return foldings[character] ?? character;
}

/** How many times a secret may be escaped: JSON in a URL in HTML, for example. */
const MAX_ROUNDS = 3;
/** How many times it may be encoded in base64 or hexadecimal. */
const MAX_BYTE_ROUNDS = 2;

/** Even an empty text takes about as much time as this many characters. */
const STEPS_OF_EVERY_TEXT = 256;

/** A range of a text, in UTF-16 units. */
type Range = readonly [from: number, to: number];

/**
 * Finds secrets in text, in any of the supported encodings. The text is read in every sequence of up to three rounds of
 * unescaping, and each reading is searched for the secret. Decoding only the text would not be enough: a secret may
 * itself contain what looks like an escape, and an encoder may leave that unchanged. So every reading is also searched
 * for the secret after the same rounds. The number of readings does not depend on text or secret, and each is searched
 * in linear time.
 */
export class SecretFinder {
  /** By their text: those of the secrets, and later their decoded forms. */
  private readonly needles = new Map<string, Needle>();
  private readonly secrets: readonly Needle[];
  private readonly long: readonly Needle[];
  private readonly fewestBytes: number;
  private readonly short: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    // Byte encodings show UTF-8 byte by byte, and so does text that was decoded in the wrong character set.
    const texts = new Set(secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('latin1')]));
    this.secrets = [...texts].map((text) => this.needle(text));
    this.long = this.secrets.filter(({ isShort }) => !isShort);
    this.fewestBytes = this.long.reduce((fewest, { length }) => Math.min(fewest, length), Infinity);
    const short = secrets.filter((secret) => this.needle(secret).isShort);
    this.short = short.flatMap((secret) => [Buffer.from(secret), Buffer.from(secret, 'latin1')]);
  }

  /** Returns the ranges of a text that contain a secret, in order; they neither overlap nor touch. */
  find(text: string, work: Work): Range[] {
    work.steps += STEPS_OF_EVERY_TEXT;
    const found: Stretches = new Int32Array(text.length + 1);
    const asItIs = readText(text);
    this.searchEscaped(asItIs, this.secrets, MAX_ROUNDS, found, work);

    let reading: Reading | undefined = asItIs;
    let needles = this.secrets;
    for (let rounds = MAX_ROUNDS; reading !== undefined; rounds -= 1) {
      if (reading !== asItIs) search(reading, needles, found, work);
      this.searchTokens(reading, rounds, found, work);
      reading = rounds === 0 ? undefined : unescape(reading, 'any', work);
      needles = this.decoded(needles, 'any');
    }
    return rangesOf(found);
  }

  /** In hexadecimal only the secret is marked; of base64, the complete token. */
  private searchTokens(reading: Reading, rounds: number, found: Stretches, work: Work): void {
    if (this.long.length > 0) {
      const hex = readHex(reading, this.fewestBytes, work);
      if (hex !== undefined) this.searchBytes(hex, rounds, MAX_BYTE_ROUNDS, found, work);
    }
    const base64 = this.long.length === 0 ? undefined : readBase64(reading, this.fewestBytes, work);
    const inTokens: Stretches = new Int32Array(found.length);
    const any = base64 !== undefined && this.searchBytes(base64, rounds, MAX_BYTE_ROUNDS, inTokens, work);
    if (!any && this.short.length === 0) return;

    for (const [from, to] of rangesOf(inTokens)) mark(found, from, to);
    const depths = depthsOf(inTokens);
    for (const { digits, from, to } of tokensOf(reading, work)) {
      work.steps += to - from;
      if (depths.subarray(from, to).some((depth) => depth > 0) || this.endsWithShort(digits)) mark(found, from, to);
    }
  }

  private searchBytes(bytes: Reading, rounds: number, byteRounds: number, found: Stretches, work: Work): boolean {
    let any = this.searchEscaped(bytes, this.long, rounds, found, work);
    if (byteRounds === 1) return any;
    for (const read of [readHex, readBase64]) {
      const inner = read(bytes, this.fewestBytes, work);
      if (inner === undefined) continue;
      any = this.searchBytes(inner, Math.min(rounds, 1), byteRounds - 1, found, work) || any;
    }
    return any;
  }

  private searchEscaped(
    reading: Reading,
    needles: readonly Needle[],
    rounds: number,
    found: Stretches,
    work: Work,
  ): boolean {
    let any = search(reading, needles, found, work);
    if (rounds === 0) return any;
    for (const escaping of ['backslash', 'percent', 'html'] as const) {
      const unescaped = unescape(reading, escaping, work);
      if (unescaped === undefined) continue;
      any = this.searchEscaped(unescaped, this.decoded(needles, escaping), rounds - 1, found, work) || any;
    }
    return any;
  }

  /**
   * The same needles and their forms after a round of decoding. Decoded forms that are too short are not searched for.
   */
  private decoded(needles: readonly Needle[], escaping: Escaping): readonly Needle[] {
    const decoded = needles.map((needle) => this.needle(needle.decoded(escaping)));
    return [...new Set([...needles, ...decoded.filter(({ isShort }) => !isShort)])];
  }

  private needle(text: string): Needle {
    const known = this.needles.get(text);
    if (known !== undefined) return known;
    const needle = new Needle(text);
    this.needles.set(text, needle);
    return needle;
  }

  /** A short secret has too few digits to search for: the token must be the secret, or a user name and the secret. */
  private endsWithShort(digits: string): boolean {
    if (this.short.length === 0) return false;
    const decoded = Buffer.from(digits, 'base64').toString('latin1');
    return this.short.some((bytes) => {
      const secret = bytes.toString('latin1');
      return decoded === secret || decoded.endsWith(`:${secret}`) || decoded.endsWith(`\0${secret}`);
    });
  }
}

function search(reading: Reading, needles: readonly Needle[], found: Stretches, work: Work): boolean {
  let any = false;
  for (const needle of needles) any = needle.find(reading, found, work) || any;
  return any;
}

/** For each unit of a text, the number of ranges that contain it. */
function depthsOf(found: Stretches): Int32Array {
  let depth = 0;
  return found.map((change) => (depth += change));
}

function rangesOf(found: Stretches): Range[] {
  const ranges: Range[] = [];
  let from = -1;
  for (const [place, depth] of depthsOf(found).entries()) {
    if (depth > 0 && from < 0) from = place;
    if (depth <= 0 && from >= 0) {
      ranges.push([from, place]);
      from = -1;
    }
  }
  return ranges;
}

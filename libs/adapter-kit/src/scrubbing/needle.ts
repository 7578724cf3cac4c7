import { type Escaping, isWord, unescape } from './escapes.ts';
import { readText, type Reading, textOf, type Work } from './reading.ts';

/** Secrets shorter than this many bytes occur in so many words that they are only searched as whole words. */
const SHORT = 4;

/** The ranges of a text that were found: +1 where one starts, -1 where it ends. */
export type Stretches = Int32Array;

/** A text to search for, in any case, and with a plus sign for a space, as in forms. */
export class Needle {
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

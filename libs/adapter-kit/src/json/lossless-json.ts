import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Every whole number with this many digits is exact as a double. */
const SAFE_DIGITS = 15;
const NUMBER_PART = /[\d.eE+-]/;

/**
 * Parses JSON so that `stringifyJson` and `scalarText` return every number as it was written. A number that a double
 * would change (`12345678901234567890`, `1e400`, `-0`, `1.0`) becomes a LosslessNumber; all others become numbers. If a
 * name occurs twice, the last member wins, as with JSON.parse.
 *
 * It recurses, so check the depth first with `exceededJsonLimit`.
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): unknown {
  if (!hasInexactNumber(text)) return JSON.parse(text) as unknown;
  return parse(text, undefined, {
    parseNumber: (literal) => (isExact(literal) ? Number(literal) : new LosslessNumber(literal)),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

/**
 * Serializes a value as JSON, with the numbers of `parseJson` as they were written. Returns undefined for a value that
 * has no JSON form.
 */
export function stringifyJson(value: unknown): string | undefined {
  return stringify(value);
}

/** Whether a value is a JSON object, and not a LosslessNumber. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** Returns a string, number (as it was written) or boolean as text, or undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (isLosslessNumber(value)) return value.toString();
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** Whether a number literal survives the conversion to a double and back unchanged. */
function isExact(literal: string): boolean {
  return String(Number(literal)) === literal;
}

/** One pass over the text that builds nothing: bodies without such a number are parsed by the faster parser. */
function hasInexactNumber(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const start = at;
      let isPlain = code !== MINUS;
      at += 1;
      for (; at < text.length; at += 1) {
        const next = text.charCodeAt(at);
        if (next >= ZERO && next <= NINE) continue;
        if (!NUMBER_PART.test(text.charAt(at))) break;
        isPlain = false;
      }
      if ((!isPlain || at - start > SAFE_DIGITS) && !isExact(text.slice(start, at))) return true;
    } else {
      at += 1;
    }
  }
  return false;
}

/** @returns the position after the closing quote */
function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let run = quote;
    while (run > at && text.charCodeAt(run - 1) === BACKSLASH) run -= 1;
    // An even number of backslashes escape each other, not the quote.
    if ((quote - run) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

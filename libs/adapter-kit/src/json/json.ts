import { createHash } from 'node:crypto';
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

/** Limits for a JSON text. */
export interface JsonLimits {
  /** Maximum nesting of arrays and objects; `[[]]` has a depth of 2. */
  readonly maxDepth: number;
  /** Maximum number of values and member names together; `{"a":[1,2]}` has 5. */
  readonly maxTokens: number;
}

export type ExceededJsonLimit = 'depth' | 'tokens';

const LITERAL = 0;
const SEPARATOR = 1;
const OPENING = 2;
const CLOSING = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** From this many bytes on, a native search for the end of a string is faster than a loop. */
const SHORT = 32;
const KINDS = kinds();

/**
 * Checks a JSON text before it is parsed, in one pass and without building values: a parser needs time, memory and
 * stack for each token and level, and a short text can have millions of them.
 *
 * It does not validate: a text within the limits may still be invalid JSON, which the parser then rejects.
 * @param json text, or its UTF-8 bytes
 * @returns the first limit that is exceeded, or undefined
 */
export function exceededJsonLimit(
  json: Uint8Array | string,
  { maxDepth, maxTokens }: JsonLimits,
): ExceededJsonLimit | undefined {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json;
  const { length } = bytes;
  let depth = 0;
  let tokens = 0;
  let at = 0;
  while (at < length) {
    const kind = KINDS[bytes[at] as number];
    at += 1;
    if (kind === SEPARATOR) continue;
    if (kind === CLOSING) {
      depth -= 1;
      continue;
    }
    tokens += 1;
    if (tokens > maxTokens) return 'tokens';
    if (kind === OPENING) {
      depth += 1;
      if (depth > maxDepth) return 'depth';
    } else if (kind === QUOTE) {
      at = endOfString(bytes, at);
    } else {
      while (at < length && KINDS[bytes[at] as number] === LITERAL) at += 1;
    }
  }
  return undefined;
}

/** @returns the position after the closing quote, or the length of a text that ends within the string */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    // For short strings and those full of escapes, a native call for each would cost more.
    const end = Math.min(at + SHORT, bytes.length);
    while (at < end) {
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      at += byte === BACKSLASH ? 2 : 1;
    }
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length;
    let run = quote;
    while (run > at && bytes[run - 1] === BACKSLASH) run -= 1;
    // An even number of backslashes escape each other, not the quote.
    if ((quote - run) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
  return bytes.length;
}

function kinds(): Uint8Array {
  const table = new Uint8Array(256).fill(LITERAL);
  // The bytes may start with a byte order mark.
  for (const byte of Buffer.from(' \t\r\n,:\ufeff')) table[byte] = SEPARATOR;
  for (const byte of Buffer.from('[{')) table[byte] = OPENING;
  for (const byte of Buffer.from(']}')) table[byte] = CLOSING;
  table[QUOTE] = QUOTE;
  return table;
}

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** A JSON text without values that are nested too deeply. */
export interface ShallowJson {
  /** The text, with `null` in place of each value that was nested too deeply. */
  readonly text: string;
  /** If the text is an array: the positions of the items that lost a value. */
  readonly items: ReadonlySet<number>;
}

/**
 * Replaces each array and object that is nested deeper than the limit with `null`, in one pass and without recursion,
 * so that the rest can be parsed: one item that is nested too deeply does not affect the others. Does not validate.
 * @param maxDepth as counted by `JsonLimits`
 */
export function replaceDeepValues(json: string, maxDepth: number): ShallowJson {
  const parts: string[] = [];
  const items = new Set<number>();
  let depth = 0;
  let item = 0;
  let copied = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfText(json, at + 1) - 1;
    } else if (code === OPENING_BRACKET || code === OPENING_BRACE) {
      depth += 1;
      if (depth === maxDepth + 1) parts.push(json.slice(copied, at), 'null');
    } else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) {
      if (depth === maxDepth + 1) {
        copied = at + 1;
        items.add(item);
      }
      depth -= 1;
    } else if (code === COMMA && depth === 1) {
      item += 1;
    }
  }
  // An unclosed value is dropped, so that the parser rejects the text.
  if (depth <= maxDepth) parts.push(json.slice(copied));
  return { text: parts.join(''), items };
}

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
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (isScalar) return String(value);
  return isLosslessNumber(value) ? value.toString() : undefined;
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
      at = endOfText(text, at + 1);
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

/** @returns the position after the closing quote, or the length of a text that ends within the string */
function endOfText(text: string, start: number): number {
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

/** An item of a batch, unchanged. Its members can have any type. */
export type JsonItem = Readonly<Record<string, unknown>>;

/** Returns a field's text, or undefined if it is absent, empty or not a string. */
export function textOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Same as `textOf`, for a field that some senders write as a number; a number is returned as it was written. */
export function scalarOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'boolean' || value === '' ? undefined : scalarText(value);
}

/** Returns `{ [name]: value }`, or an empty object if there is no value. For optional members. */
export function omitUndefined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value });
}

const DEEPEST = 16;

/**
 * Returns a digest of an item without an id, to be used in its deduplication key. The order of members does not matter.
 */
export function contentDigest(item: unknown): string {
  return createHash('sha256')
    .update(stringifyJson(sorted(item, 0)) ?? '')
    .digest('base64url');
}

/**
 * Returns the names and values of the fields that are present, to be used in a deduplication key. An event without any
 * of these fields keeps the key that it had before they were added.
 */
export function presentParts(item: JsonItem, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => {
    const value = Object.hasOwn(item, field) ? (item[field] ?? '') : '';
    return value === '' ? [] : [field, scalarText(value) ?? contentDigest(value)];
  });
}

/** With sorted members, since the order of members has no meaning in JSON. */
function sorted(value: unknown, depth: number): unknown {
  if (!Array.isArray(value) && !isJsonObject(value)) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item, depth + 1)]);
}

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
      at = closingQuote(json, at + 1);
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

/** @returns the position of the closing quote, or of the last character */
function closingQuote(json: string, start: number): number {
  let at = start;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return Math.min(at, json.length - 1);
}

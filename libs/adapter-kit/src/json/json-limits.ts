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

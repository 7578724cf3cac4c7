const QUOTE = 0x22;
const BACKSLASH = 0x5c;
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

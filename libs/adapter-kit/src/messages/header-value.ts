import { encodedText, encodedWords, isAscii } from './encoded-words.ts';
import type { HeaderForm } from './header-policy.ts';

/** Octets without the line break; RFC 5322, 2.1.1. */
export const MOST_LINE_OCTETS = 998;

// RFC 5322, 3.6.4, and RFC 6532 for letters beyond ASCII; more lenient as to which characters are in it.
const ID = String.raw`[^\s<>@()",;\\]+@[^\s<>@()",;\\]+`;
const ONE_ID = new RegExp(`^(?:<${ID}>|${ID})$`);
const IDS = new RegExp(String.raw`^(?:<${ID}>|${ID})(?:\s*<${ID}>|\s+${ID})*$`);
const ID_IN_LIST = new RegExp(ID, 'g');
// Sticky: it stops at the first quotation mark or bracket that is not closed, or each of many would search all of the rest.
const PARTS = /<[^<>]*>|\((?:[^()\\]|\\.)*\)|[,;]|(?:"(?:[^"\\]|\\.)*"|[^<>(),;"])+/gy;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

/** What is wrong with the value of a header that a message may set, as a hint; undefined if nothing is. */
export function headerValueProblem(name: string, form: HeaderForm, value: string): string | undefined {
  const text = value.trim();
  if (text === '') return 'The header is empty. Remove it, or enter a value.';
  if (form === 'id' && !ONE_ID.test(text)) return 'This must be one message id. Write it as <id@example.com>.';
  if (form === 'ids' && !IDS.test(text)) {
    return 'These must be message ids. Write them as <id@example.com>, with blanks between them.';
  }
  if (form === 'token' && !isAscii(text))
    return 'This header accepts only ASCII characters. Encode or remove the others.';
  if (form === 'phrase' && !canEncodePhrases(text)) {
    return 'In this header, only names and comments may contain characters beyond ASCII. Percent-encode URLs, and write domains in ASCII (xn--).';
  }
  const longest = Math.max(
    ...wireValue(form, text)
      .split(' ')
      .map((part) => Buffer.byteLength(part)),
  );
  if (name.length + 2 + longest > MOST_LINE_OCTETS) {
    return `A line of a message has at most ${String(MOST_LINE_OCTETS)} bytes, and can only be folded at blanks. Shorten the header.`;
  }
  return undefined;
}

/**
 * A value as it is written on the wire, on one line: ASCII unless it is a message id beyond ASCII. A value that is ASCII
 * stays as it is, but for the angle brackets of message ids.
 */
export function wireValue(form: HeaderForm, value: string): string {
  const text = value.trim();
  if (form === 'id' || form === 'ids') return (text.match(ID_IN_LIST) ?? []).map((id) => `<${id}>`).join(' ');
  if (isAscii(text) || form === 'token') return text;
  return form === 'text' ? encodedText(text) : text.replace(PARTS, encodedPart).replace(/ {2,}/g, ' ').trim();
}

function canEncodePhrases(text: string): boolean {
  if (isAscii(text)) return true;
  const parts = text.match(PARTS) ?? [];
  return parts.join('') === text && parts.every((part) => isAscii(part) || isPhraseOrComment(part));
}

/** An address without angle brackets is not a phrase: encoded words are not allowed in it (RFC 2047, 5). */
function isPhraseOrComment(part: string): boolean {
  if (part.startsWith('(')) return true;
  return !part.startsWith('<') && !part.replace(QUOTED, '').includes('@');
}

function encodedPart(part: string): string {
  if (isAscii(part)) return part;
  if (part.startsWith('(')) return `(${encodedWords(part.slice(1, -1).replace(/\\(.)/g, '$1'))})`;
  // A quoted string holds no encoded words (RFC 2047, 5), so the quotes go.
  const phrase = part.replace(QUOTED, (_all, quoted: string) => quoted.replace(/\\(.)/g, '$1'));
  return ` ${encodedWords(phrase.trim())} `;
}

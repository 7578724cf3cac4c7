/** How the value of a header is written (RFC 5322, 2.2; RFC 2047, 5). */
export type HeaderForm =
  /** Free text: non-ASCII characters become encoded words. */
  | 'text'
  /** A phrase, a comment or both, with tokens or `<…>`: only the phrase and the comment are encoded. */
  | 'phrase'
  /** Tokens or URIs: ASCII only. */
  | 'token'
  /** One message id. */
  | 'id'
  /** One or more message ids. */
  | 'ids';

/** Octets without the line break (RFC 5322, 2.1.1). */
export const MAX_LINE_OCTETS = 998;

// RFC 5322, 3.6.4, and RFC 6532 for non-ASCII letters; more lenient about the characters inside.
const ID = String.raw`[^\s<>@()",;\\]+@[^\s<>@()",;\\]+`;
const ONE_ID = new RegExp(`^(?:<${ID}>|${ID})$`);
const IDS = new RegExp(String.raw`^(?:<${ID}>|${ID})(?:\s*<${ID}>|\s+${ID})*$`);
const ID_IN_LIST = new RegExp(ID, 'g');
// Sticky: it stops at the first unclosed quotation mark or bracket. Otherwise each of many would search the entire
// rest.
const PARTS = /<[^<>]*>|\((?:[^()\\]|\\.)*\)|[,;]|(?:"(?:[^"\\]|\\.)*"|[^<>(),;"])+/gy;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

/** Returns what is wrong with the value of a header that a message may set, as a hint, or undefined if it is valid. */
export function headerValueProblem(name: string, form: HeaderForm, value: string): string | undefined {
  const text = value.trim();
  if (text === '') return 'The header is empty. Remove it, or enter a value.';
  if (form === 'id' && !ONE_ID.test(text)) return 'Invalid message ID. Use the form <id@example.com>.';
  if (form === 'ids' && !IDS.test(text)) {
    return 'Invalid message IDs. Use the form <id@example.com>, separated by spaces.';
  }
  if (form === 'token' && !isAscii(text))
    return 'This header accepts only ASCII characters. Encode or remove the others.';
  if (form === 'phrase' && !canEncodePhrases(text)) {
    return 'Only names and comments in this header may contain non-ASCII characters. Percent-encode URLs, and write domains in ASCII (xn--).';
  }
  const longest = Math.max(
    ...wireValue(form, text)
      .split(' ')
      .map((part) => Buffer.byteLength(part)),
  );
  if (name.length + 2 + longest > MAX_LINE_OCTETS) {
    return `The header would need a line of more than ${String(MAX_LINE_OCTETS)} bytes. Shorten it, or add spaces where it can be folded.`;
  }
  return undefined;
}

/**
 * Returns a value as it is sent, on one line: in ASCII unless it is a non-ASCII message id. An ASCII value is returned
 * unchanged, except that message ids get angle brackets.
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
  // A quoted string cannot contain encoded words (RFC 2047, 5), so the quotes are removed.
  const phrase = part.replace(QUOTED, (_all, quoted: string) => quoted.replace(/\\(.)/g, '$1'));
  return ` ${encodedWords(phrase.trim())} `;
}

// RFC 2047, 2: an encoded word has 75 characters, of which 12 are `=?UTF-8?B?` and `?=`.
const WORD_BYTES = 45;
// eslint-disable-next-line no-control-regex -- the end of ASCII is meant
const ASCII = /^[\0-\x7f]*$/;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/**
 * Returns a text as encoded words separated by spaces, at which it may be folded. Each word has only complete
 * characters.
 */
export function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ');
}

/** Encodes free text for a header: from the first non-ASCII word to the last, and words too long for a line. */
export function encodedText(text: string, maxCharacters = Infinity): string {
  const parts = text.split(/( +)/);
  const isEncoded = (part: string): boolean => !isAscii(part) || part.length > maxCharacters;
  const first = parts.findIndex(isEncoded);
  if (first < 0) return text;
  // Spaces between encoded words are ignored (RFC 2047, 6.2), so the text between two of them is encoded too.
  const last = parts.findLastIndex(isEncoded);
  return (
    parts.slice(0, first).join('') +
    encodedWords(parts.slice(first, last + 1).join('')) +
    parts.slice(last + 1).join('')
  );
}

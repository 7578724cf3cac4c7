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

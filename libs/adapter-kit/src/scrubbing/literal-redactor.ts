import { bytesOf, isShort } from './secret-bytes.ts';

// JSON inside JSON escapes the escapes: two levels of it make four backslashes of one.
const ESCAPED = '\\\\{1,4}';
const MAYBE_ESCAPED = '\\\\{0,4}';
// A pattern that is too large is slow, and in the end an error whose text is the pattern.
const LONGEST_FOR_PATTERN = 256;

/** Makes a function that replaces a secret itself, URL-encoded, JSON-escaped and in hexadecimal. */
export function literalRedactor(secret: string, replacement: string): (text: string) => string {
  if (secret.length <= LONGEST_FOR_PATTERN) {
    const pattern = new RegExp(patternOf(secret), 'gi');
    return (text) => text.replace(pattern, replacement);
  }
  const usual = usualSpellings(secret);
  return (text) => usual.reduce((rest, spelling) => rest.replaceAll(spelling, replacement), text);
}

function usualSpellings(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const url = encodeURIComponent(Buffer.from(secret).toString());
  return [secret, JSON.stringify(secret).slice(1, -1), url, form, hex, hex.toUpperCase()];
}

/** Character by character, because encoders differ in which characters they encode. */
function patternOf(secret: string): string {
  const spelled = (secret.match(/\\+|[^\\]/gu) ?? []).map(spellings).join('');
  if (isShort(secret)) return `(?:(?<!\\w)|(?<=%[0-9a-f]{2}))${spelled}(?!\\w)`;
  return [spelled, ...bytesOf(secret).map((bytes) => bytes.toString('hex'))].join('|');
}

function spellings(text: string): string {
  if (/^[a-z0-9]$/i.test(text)) return text;
  if (text.startsWith('\\')) return backslashes(text.length);
  // The raw character last: that of the percent sign is the beginning of its encoded form.
  const forms = [
    ...bytesOf(text).map(percentEncoded),
    units(text)
      .map((unit) => `${ESCAPED}u${unit}`)
      .join(''),
  ];
  const short = /^\\([bfnrt])$/.exec(JSON.stringify(text).slice(1, -1))?.[1];
  if (short !== undefined) forms.push(`${ESCAPED}${short}`);
  if (text === ' ') forms.push('\\+');
  return `(?:${[...forms, `${MAYBE_ESCAPED}${escape(text)}`].join('|')})`;
}

/** A run of backslashes as a whole: had each of them its own repetition, they could share a text in countless ways. */
function backslashes(count: number): string {
  return `(?:(?:%5c){${String(count)}}|(?:\\\\{1,4}u005c){${String(count)}}|\\\\{${String(count)},${String(4 * count)}})`;
}

function percentEncoded(bytes: Buffer): string {
  return bytes.toString('hex').replace(/../g, '%$&');
}

function units(text: string): string[] {
  return text.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
}

function escape(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}

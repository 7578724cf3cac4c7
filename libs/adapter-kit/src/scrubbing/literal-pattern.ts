import { bytesOf, isShort } from './secret-bytes.ts';

// JSON inside JSON escapes the escapes: two levels of it make four backslashes of one.
const ESCAPED = '\\\\{1,4}';
const MAYBE_ESCAPED = '\\\\{0,4}';

/**
 * One pattern for the secrets themselves, URL-encoded, JSON-escaped and in hexadecimal. It is made character by
 * character, because encoders differ in which characters they encode.
 */
export function literalPattern(secrets: readonly string[]): RegExp {
  return new RegExp(secrets.map(alternatives).join('|'), 'gi');
}

function alternatives(secret: string): string {
  const spelled = (secret.match(/\\+|[^\\]/gu) ?? []).map(spellings).join('');
  if (isShort(secret)) return `(?:(?<!\\w)|(?<=%[0-9a-f]{2}))${spelled}(?!\\w)`;
  return [spelled, ...bytesOf(secret).map((bytes) => bytes.toString('hex'))].join('|');
}

function spellings(text: string): string {
  if (/^[a-z0-9]$/i.test(text)) return text;
  if (text.startsWith('\\')) return backslashes(text.length);
  const forms = [
    `${MAYBE_ESCAPED}${escape(text)}`,
    ...bytesOf(text).map(percentEncoded),
    [...units(text)].map((unit) => `${ESCAPED}u${unit}`).join(''),
  ];
  if (text === ' ') forms.push('\\+');
  const short = /^\\([bfnrt])$/.exec(JSON.stringify(text).slice(1, -1))?.[1];
  if (short !== undefined) forms.push(`${ESCAPED}${short}`);
  return `(?:${forms.join('|')})`;
}

/** A run of backslashes as a whole: had each of them its own repetition, they could share a text in countless ways. */
function backslashes(count: number): string {
  return `(?:\\\\{${String(count)},${String(4 * count)}}|(?:%5c){${String(count)}}|(?:\\\\{1,4}u005c){${String(count)}})`;
}

function percentEncoded(bytes: Buffer): string {
  return bytes.toString('hex').replace(/../g, '%$&');
}

function* units(text: string): Iterable<string> {
  for (let index = 0; index < text.length; index += 1) yield text.charCodeAt(index).toString(16).padStart(4, '0');
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}

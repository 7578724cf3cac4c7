const REDACTED = '[redacted]';

/** Replaces the secrets of a call in whatever text leaves it. */
export type Scrubber = <T>(value: T) => T;

/**
 * Makes a function that removes the given secrets from text, and from the text inside arrays and plain objects:
 * raw, URL-encoded, JSON-escaped, in hexadecimal, and as any part of a base64 token (Basic and AUTH PLAIN among them).
 */
export function createScrubber(secrets: Iterable<string>): Scrubber {
  const patterns = [...new Set(secrets)].filter((secret) => secret !== '').flatMap(patternsOf);
  if (patterns.length === 0) return (value) => value;
  // The longest first: a secret that is part of another must not cut it in two.
  const pattern = new RegExp(patterns.sort((a, b) => b.length - a.length).join('|'), 'gi');
  return (value) => scrub(value, (text) => text.replace(pattern, REDACTED)) as typeof value;
}

function scrub(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => scrub(item, replace));
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [replace(key), scrub(item, replace)]));
  }
  return value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function patternsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // A lone surrogate cannot be URL-encoded; as bytes it is U+FFFD.
  const literal = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(bytes.toString())];
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  // A very short secret stands in many words: alone it is replaced, inside of a word it tells nothing.
  if (bytes.length < 4) return unique([...literal, form]).map((text) => `(?<![\\w])${escape(text)}(?![\\w])`);
  return [...unique([...literal, form, bytes.toString('hex')]).map(escape), ...base64Patterns(bytes)];
}

/**
 * Base64 shows three bytes as four characters, so what a secret looks like depends on where it starts. For each of the
 * three offsets the characters that depend on the secret alone are looked for, and the token around them is replaced.
 */
function base64Patterns(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = (shifted.length * 6) % 8 === 0 ? shifted.length : shifted.length - 1;
    const core = shifted.slice(start, end).split('').map(either).join('');
    return `[A-Za-z0-9+/_-]*${core}[A-Za-z0-9+/_-]*=*`;
  });
}

/** The standard and the URL-safe alphabet differ in two characters. */
function either(character: string): string {
  if (character === '+' || character === '-') return '[+-]';
  if (character === '/' || character === '_') return '[/_]';
  return character;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

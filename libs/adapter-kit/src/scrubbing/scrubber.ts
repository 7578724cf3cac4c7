import type { Work } from './readings.ts';
import { SecretFinder } from './secret-finder.ts';

const REDACTED = '[redacted]';
const CUT = '[cut]';
const MAX_DEPTH = 100;
/** The maximum number of UTF-16 units of one text that are searched. */
const MAX_TEXT_LENGTH = 65_536;
/** The maximum number of characters that one call reads, over all readings of all its texts: a fraction of a second. */
const MAX_STEPS = 16_000_000;
/**
 * The maximum number of units that an encoding makes of one unit of a secret. Three rounds of percent-encoding make 27.
 */
const MAX_ENCODING_FACTOR = 32;

/** Replaces the secrets of a call in all text that leaves it. */
export type Scrubber = <T>(value: T) => T;

/**
 * Returns a function that removes the given secrets from strings, and from the strings inside arrays, plain objects,
 * maps and sets, which are copied. It finds a secret
 * - in uppercase, lowercase and mixed case, also if it was decoded in the wrong character set (UTF-8 as Latin-1);
 * - after up to three rounds of JSON or other backslash escapes, URL, form and HTML encoding, in any order;
 * - in hexadecimal, and as any part of a base64 token (both alphabets, across line breaks, including Basic and AUTH
 *   PLAIN), which is removed completely: before and after such rounds (three in all), and nested up to twice.
 *
 * Every secret is searched for in this way, with any length and any characters. The time is linear in the length of the
 * text, and no pattern is built from a secret.
 *
 * Limits: of a text longer than 64 Ki UTF-16 units only the beginning is kept, marked with `[cut]`, without anything
 * that could be the start of a secret which was cut in two. In a value with very many strings, those that come after 16
 * million search steps become `[cut]` (a megabyte of ordinary text, far less of text full of escapes): scrub a list in
 * one call, not item by item. Values nested deeper than 100 levels are removed. A secret shorter than four bytes is
 * only replaced as a whole word, since it is part of many words, and not in hexadecimal. Numbers, bytes (`Buffer`,
 * `Uint8Array`) and instances of other classes, including `Error`, are not searched: convert them to text first. Scrub
 * a text before you cut it, or half a secret may remain.
 */
export function createScrubber(secrets: Iterable<string>): Scrubber {
  const known = [...new Set(secrets)].filter((secret) => secret !== '');
  if (known.length === 0) return (value) => value;
  const finder = new SecretFinder(known);
  const longest = Math.max(...known.map(({ length }) => length));
  const kept = Math.max(0, MAX_TEXT_LENGTH - longest * MAX_ENCODING_FACTOR);
  return <T>(value: T) => {
    const work: Work = { steps: 0 };
    return scrub(value, (text) => redact(text, finder, kept, work), new Map(), 0) as T;
  };
}

/** @param kept how many units of a text that is too long are shown */
function redact(text: string, finder: SecretFinder, kept: number, work: Work): string {
  if (work.steps > MAX_STEPS) return CUT;
  const isCut = text.length > MAX_TEXT_LENGTH;
  const searched = isCut ? text.slice(0, MAX_TEXT_LENGTH) : text;
  const shown = isCut ? kept : text.length;
  let result = '';
  let end = 0;
  for (const [from, to] of finder.find(searched, work)) {
    if (from >= shown) break;
    result += searched.slice(end, from) + REDACTED;
    end = to;
  }
  return result + searched.slice(end, shown) + (isCut ? CUT : '');
}

function scrub(value: unknown, redact: (text: string) => string, seen: Map<object, unknown>, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || !isContainer(value)) return value;
  if (seen.has(value)) return seen.get(value);
  if (depth === MAX_DEPTH) return REDACTED;
  const inner = (item: unknown): unknown => scrub(item, redact, seen, depth + 1);

  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    seen.set(value, copy);
    for (const item of value as unknown[]) copy.push(inner(item));
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    seen.set(value, copy);
    for (const [key, item] of value) copy.set(inner(key), inner(item));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    seen.set(value, copy);
    for (const item of value) copy.add(inner(item));
    return copy;
  }
  const copy = {};
  seen.set(value, copy);
  for (const [key, item] of Object.entries(value)) {
    // An assignment to `__proto__` would set the prototype.
    Object.defineProperty(copy, redact(key), {
      value: inner(item),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

function isContainer(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not compared with `Object.prototype`: another realm, such as a worker's or a test runner's, has a different one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

import { base64Redactor } from './base64-redactor.ts';
import { literalRedactor } from './literal-redactor.ts';

const REDACTED = '[redacted]';
const MAX_DEPTH = 100;

/** Replaces the secrets of a call in whatever text leaves it. */
export type Scrubber = <T>(value: T) => T;

/**
 * Makes a function that removes the given secrets from text, and from the text inside arrays, plain objects, maps and
 * sets, which are copied. Found are: the secret itself, URL-encoded, JSON-escaped and in hexadecimal (all of these in
 * upper and lower case), and as any part of a base64 token, Basic and AUTH PLAIN among them.
 *
 * Not looked into are numbers, bytes (`Buffer`, `Uint8Array`) and instances of other classes, `Error` included: make them
 * text first. A secret shorter than four bytes is only replaced where it stands alone, since it is part of many words;
 * one longer than 256 characters only in its usual spellings.
 * Text must be scrubbed before it is cut, or half a secret may stay.
 */
export function createScrubber(secrets: Iterable<string>): Scrubber {
  // The longest first: a secret that is part of another must not cut it in two.
  const known = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  if (known.length === 0) return (value) => value;
  const redactors = [base64Redactor(known, REDACTED), ...known.map((secret) => literalRedactor(secret, REDACTED))];
  const redact = (text: string): string => redactors.reduce((rest, redactor) => redactor(rest), text);
  return <T>(value: T) => scrub(value, redact, new Map(), 0) as T;
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
  // Not `Object.prototype` itself: another realm, such as a worker's or a test runner's, has its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

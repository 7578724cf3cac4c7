import { createHash } from 'node:crypto';
import { isJsonObject, scalarText, stringifyJson } from './lossless-json.ts';

/** An item of a batch, unchanged. Its members can have any type. */
export type JsonItem = Readonly<Record<string, unknown>>;

/** Returns a field's text, or undefined if it is absent, empty or not a string. */
export function textOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Same as `textOf`, for a field that some senders write as a number; a number is returned as it was written. */
export function scalarOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'boolean' || value === '' ? undefined : scalarText(value);
}

/** Returns `{ [name]: value }`, or an empty object if there is no value. For optional members. */
export function omitUndefined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value });
}

const DEEPEST = 16;

/**
 * Returns a digest of an item without an id, to be used in its deduplication key. The order of members does not matter.
 */
export function contentDigest(item: unknown): string {
  return createHash('sha256')
    .update(stringifyJson(sorted(item, 0)) ?? '')
    .digest('base64url');
}

/**
 * Returns the names and values of the fields that are present, to be used in a deduplication key. An event without any
 * of these fields keeps the key that it had before they were added.
 */
export function presentParts(item: JsonItem, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => {
    const value = Object.hasOwn(item, field) ? (item[field] ?? '') : '';
    return value === '' ? [] : [field, scalarText(value) ?? contentDigest(value)];
  });
}

/** With sorted members, since the order of members has no meaning in JSON. */
function sorted(value: unknown, depth: number): unknown {
  if (!Array.isArray(value) && !isJsonObject(value)) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item, depth + 1)]);
}

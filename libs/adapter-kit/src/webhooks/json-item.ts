import { createHash } from 'node:crypto';
import { isJsonObject, scalarText, stringifyJson } from '../json/lossless-json.ts';

/** An item of a batch as it came: nothing is known of its fields but their names. */
export type JsonItem = Readonly<Record<string, unknown>>;

/** A field's text; undefined where it is absent, empty or no text. */
export function textOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** As `textOf`, of a field that some senders write as a number: then the number as it was written. */
export function scalarOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'boolean' || value === '' ? undefined : scalarText(value);
}

/** `{ [name]: value }`, or nothing where there is no value: for optional members. */
export function omitUndefined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value });
}

const DEEPEST = 16;

/** What an item is known by where nothing else in it tells. The order of its members does not matter. */
export function contentDigest(item: unknown): string {
  return createHash('sha256')
    .update(stringifyJson(sorted(item, 0)) ?? '')
    .digest('base64url');
}

/**
 * What some fields hold, for an deduplication key: the name and the value of each that is there. An event without any of them keeps the
 * deduplication key that it had before they were part of it.
 */
export function presentParts(item: JsonItem, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => {
    const value = Object.hasOwn(item, field) ? (item[field] ?? '') : '';
    return value === '' ? [] : [field, scalarText(value) ?? contentDigest(value)];
  });
}

/** With the members in one order, since that of JSON means nothing. */
function sorted(value: unknown, depth: number): unknown {
  if (!Array.isArray(value) && !isJsonObject(value)) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item, depth + 1)]);
}

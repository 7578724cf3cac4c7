import { createHash } from 'node:crypto';

/** An item of a batch as it came: nothing is known of its fields but their names. */
export type JsonItem = Readonly<Record<string, unknown>>;

/** A field's text; undefined where it is absent, empty or no text. */
export function textOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** As `textOf`, of a field that some senders write as a number. */
export function scalarOf(item: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(item, field) ? item[field] : undefined;
  return typeof value === 'number' ? String(value) : textOf(item, field);
}

/** `{ [name]: value }`, or nothing where there is no value: for optional members. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: Value });
}

const DEEPEST = 16;

/** What an item is known by where nothing else in it tells. The order of its members does not matter. */
export function contentDigest(item: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(item, 0)) ?? '')
    .digest('base64url');
}

/** With the members in one order, since that of JSON means nothing. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item, depth + 1)]);
}

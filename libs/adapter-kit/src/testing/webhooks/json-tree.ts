import { isJsonObject, scalarText } from '../../json/lossless-json.ts';

export type Path = readonly (string | number)[];

/** A value and everything in it. */
export function nodesOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) && !isJsonObject(value)) return [value];
  return [value, ...Object.values(value).flatMap(nodesOf)];
}

/** The strings and numbers in a value, as text. */
export function scalarsOf(value: unknown): readonly string[] {
  return nodesOf(value).flatMap((node) => (typeof node === 'boolean' ? [] : (scalarText(node) ?? [])));
}

/** The paths of the strings and numbers in a value. */
export function leafPaths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'boolean' && scalarText(value) !== undefined) return [path];
  if (!Array.isArray(value) && !isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => leafPaths(inner, [...path, name]));
}

/** Undefined if there is nothing. */
export function valueAt(item: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null)?.[name], item);
}

/** A copy in which one value is replaced or, if undefined, removed. */
export function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const inner = (value as Readonly<Record<string, unknown>>)[name];
  const changed = replaced(inner, rest, by);
  if (Array.isArray(value)) return value.with(Number(name), changed);
  // Defined rather than assigned: `__proto__` must be an ordinary member.
  const member = { value: changed, enumerable: true, configurable: true, writable: true };
  const copy = Object.defineProperty({ ...(value as object) }, name, member) as Record<string, unknown>;
  if (changed === undefined) delete copy[name];
  return copy;
}

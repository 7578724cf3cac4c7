import fc from 'fast-check';
import { isJsonObject, scalarText } from '../../json/json.ts';

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

const STRANGE = [
  '',
  ' ',
  'null',
  '__proto__',
  'constructor',
  'NaN',
  '\0',
  '\ud800',
  '1755444161',
  -1,
  0.5,
  1e13,
  1e300,
];
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

/** Any JSON value, and the values most likely to cause errors. */
export const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<unknown>(...STRANGE));

export type Change = (item: unknown) => unknown;

/** A change to a part of one of these items: another value, a removed value, or another name. */
export function changesOf(items: readonly unknown[]): fc.Arbitrary<Change> {
  const paths = uniquePaths(items);
  const anywhere = fc.constantFrom(...paths);
  const strangers = fc.oneof(fc.constantFrom(...NAMES), fc.string()).map((name): Path => [name]);
  const set = fc.tuple(fc.oneof(anywhere, strangers), anyJson).map(([path, value]) => at(path, () => value));
  const removed = anywhere.map((path) => at(path, () => undefined));
  const renamed = anywhere.map((path) => moved(path, [...path.slice(0, -1), `${String(path.at(-1))}_`]));
  return fc.oneof(set, removed, renamed);
}

function at(path: Path, value: () => unknown): Change {
  return (item) => (hasMembers(valueAt(item, path.slice(0, -1))) ? replaced(item, path, value()) : item);
}

function moved(from: Path, to: Path): Change {
  return (item) => at(from, () => undefined)(at(to, () => valueAt(item, from))(item));
}

function hasMembers(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function uniquePaths(items: readonly unknown[]): readonly Path[] {
  const inside = items.flatMap((item) => leafPaths(item)).filter((path) => path.length > 0);
  const paths = new Map(inside.map((path) => [JSON.stringify(path), path]));
  return paths.size === 0 ? [['kind']] : [...paths.values()];
}

/** Bytes that are close to a body, or far from any. */
export function bytesLike(bodies: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const body = fc.constantFrom(...bodies.filter(({ length }) => length > 0), Buffer.from('[{}]'));
  const cut = fc.tuple(body, fc.nat()).map(([bytes, end]) => bytes.subarray(0, end % bytes.length));
  const flip = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  const flipped = fc.tuple(body, fc.array(flip, { minLength: 1, maxLength: 5 })).map(([bytes, flips]) => {
    const copy = Uint8Array.from(bytes);
    for (const [where, byte] of flips) copy[where % copy.length] = byte;
    return copy;
  });
  return fc.oneof(
    cut,
    flipped,
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
}

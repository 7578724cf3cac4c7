import fc from 'fast-check';
import { leafPaths, type Path, replaced, valueAt } from './json-tree.ts';

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

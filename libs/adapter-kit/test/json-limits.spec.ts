import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exceededJsonLimit } from '@score-crm/adapter-kit';

const UNLIMITED = { maxDepth: 1e9, maxTokens: 1e9 };

function countTokens(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countTokens(item), 1);
  return Object.values(value).reduce((sum: number, item) => sum + 1 + countTokens(item), 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('exceededJsonLimit', () => {
  it('counts the tokens and levels that a parser builds, for any JSON and layout', () => {
    const layout = fc.constantFrom(undefined, 1, '\t');
    const strings = fc.string({ unit: fc.constantFrom('"', '\\', 'a', '{', ']', ',', 'ü', '\u0000'), maxLength: 90 });
    const json = fc.oneof(fc.jsonValue(), fc.array(strings), fc.dictionary(strings, fc.array(strings)));
    fc.assert(
      fc.property(json, layout, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const tokens = countTokens(value);
        const depth = depthOf(value);
        for (const source of [text, Buffer.from(text), `\ufeff${text}`]) {
          expect(exceededJsonLimit(source, { maxDepth: depth, maxTokens: tokens })).toBeUndefined();
          expect(exceededJsonLimit(source, { ...UNLIMITED, maxTokens: tokens - 1 })).toBe('tokens');
          if (depth > 0) expect(exceededJsonLimit(source, { ...UNLIMITED, maxDepth: depth - 1 })).toBe('depth');
        }
      }),
    );
  });

  it.each([
    ['nothing', '', undefined],
    ['a byte order mark alone', '\ufeff', undefined],
    ['many levels', '['.repeat(100_000), 'depth'],
    ['many levels of objects', '{"":'.repeat(100_000), 'depth'],
    ['many empty objects', `[${'{},'.repeat(5_000)}{}]`, 'tokens'],
    ['many empty names', `{${'"":0,'.repeat(5_000)}"":0}`, 'tokens'],
    ['many numbers without commas', '1 '.repeat(1_001), 'tokens'],
    ['one long number', '1'.repeat(1_000_000), undefined],
    ['one long string', `["${'a'.repeat(1_000_000)}"]`, undefined],
    ['one long string of escapes', `["${'\\u0000'.repeat(200_000)}"]`, undefined],
    ['one long string of escaped quotes', `["${'\\"'.repeat(500_000)}"]`, undefined],
    ['a string that ends with backslashes', `["${'\\\\'.repeat(40)}",${'0,'.repeat(1_001)}0]`, 'tokens'],
    ['a string that never ends', `"${'[{,'.repeat(100_000)}`, undefined],
    ['a string that ends within an escape', '"\\', undefined],
    ['only closing brackets', `${']'.repeat(1_000)}${'['.repeat(10)}`, undefined],
    ['bytes that are not text', Buffer.alloc(1_000, 0xff), undefined],
  ])('reports the limit that %s exceeds, valid or not', (_name, json, expected) => {
    expect(exceededJsonLimit(json, { maxDepth: 32, maxTokens: 1_000 })).toBe(expected);
  });
});

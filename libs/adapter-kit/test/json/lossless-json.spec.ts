import fc from 'fast-check';
import { isJsonObject, parseJson, scalarText, stringifyJson } from '../../src/index.ts';

/** Literals that a double changes, and some that it does not. */
const literal = fc.oneof(
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,4})?$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.constantFrom('-0', '0', '1.0', '0.10', '1e400', '1E-400', '12345678901234567890', '123456789012345678'),
);
const scalar = fc.oneof(
  literal,
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('null', 'true', '"\\ud800"', '"\\\\"'),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc
      .uniqueArray(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('__proto__', 'constructor', 'toString', 'a"b\\'),
            fc.string().map((name) => `_${name}`),
          ),
          tie('json'),
        ),
        {
          maxLength: 4,
          selector: ([name]) => name,
        },
      )
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
  ),
}));

describe('parseJson', () => {
  it('returns every text as it was written, through stringifyJson', () => {
    fc.assert(
      fc.property(json, (text) => {
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it('accepts and rejects what JSON.parse does', () => {
    const texts = [
      '',
      '01',
      '-',
      '1.',
      '.5',
      '+1',
      '1e',
      '--1',
      '[1.0,]',
      '{"a":1.0,}',
      '"\n"',
      'nul',
      '[1.0',
      '{"a" 1.0}',
      '1.0 2.0',
      '"\\x"',
      '-0 x',
      '[-]',
    ];
    for (const text of [...texts, ...texts.map((one) => `[1.0,${one}]`)]) {
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
      expect(() => parseJson(text)).toThrow(SyntaxError);
    }
  });

  it('returns plain numbers for everything that a double can hold', () => {
    expect(parseJson('[0,-1,1755444161.5,1e+21,999999999999999]')).toEqual([
      0, -1, 1755444161.5, 1e21, 999999999999999,
    ]);
  });

  it('returns the last of two members with one name, with and without a long number beside them', () => {
    expect(parseJson('{"a":1,"a":{"b":2}}')).toEqual({ a: { b: 2 } });
    expect(scalarText((parseJson('{"a":1.0,"a":2.0}') as { a: unknown }).a)).toBe('2.0');
  });

  it('makes names of prototypes ordinary members', () => {
    const parsed = parseJson('{"__proto__":{"polluted":1.0},"constructor":1.0}') as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('ignores what looks like a number inside a string', () => {
    expect(parseJson('{"a":"12345678901234567890 \\"1.0\\\\"}')).toEqual({ a: '12345678901234567890 "1.0\\' });
  });

  it('does not count a lossless number as an object', () => {
    expect([parseJson('1.0'), parseJson('{}'), [], null].map(isJsonObject)).toEqual([false, true, false, false]);
    expect([parseJson('1.0'), 7, 'a', true, null, {}].map(scalarText)).toEqual([
      '1.0',
      '7',
      'a',
      'true',
      undefined,
      undefined,
    ]);
  });
});

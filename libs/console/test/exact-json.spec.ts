import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indented, memberText } from '../src/api/exact-json.ts';

describe('JSON that is shown as it is written', () => {
  it('is indented as JSON.stringify does it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(indented(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
        expect(indented(JSON.stringify(value, null, 1))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('keeps all digits of a number', () => {
    const json = '{"id":12345678901234567890,"list":[1.10,-0,1e400]}';
    expect(indented(json)).toBe('{\n  "id": 12345678901234567890,\n  "list": [\n    1.10,\n    -0,\n    1e400\n  ]\n}');
  });

  it('finds a member, whatever is around and inside it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (others, value) => {
        const json = JSON.stringify({ before: { raw: 'another' }, ...others, raw: value, after: ['raw', 1] });
        expect(memberText(json, 'raw')).toBe(JSON.stringify(value));
        expect(memberText(JSON.stringify({ ...others, raw: value }), 'raw')).toBe(JSON.stringify(value));
      }),
    );
    expect(memberText('{"a":{"raw":1},"b":"raw"}', 'raw')).toBeUndefined();
    expect(memberText('{}', 'raw')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { bounceDetails, mailboxText, mentionsAddress, rfc3339Time } from '@score-crm/adapter-kit';

describe('rfc3339Time', () => {
  it.each([
    ['2026-01-02T03:04:05Z', 1_767_323_045_000],
    ['2026-01-02T03:04:05.678Z', 1_767_323_045_678],
    ['2026-01-02T03:04:05.6789012Z', 1_767_323_045_678],
    ['2026-01-02T03:04:05-02:30', 1_767_332_045_000],
    ['1', undefined],
    ['soon 1', undefined],
    ['2026-01-02', undefined],
    ['2026-01-02T03:04:05', undefined],
    ['2026-13-02T03:04:05Z', undefined],
    ['1969-12-31T23:59:59Z', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('parses %j', (text, expected) => {
    expect(rfc3339Time(text)?.getTime()).toBe(expected);
  });
});

describe('mentionsAddress', () => {
  it.each([
    'bob@nodot.example',
    'BOB@NODOT.EXAMPLE',
    'This is no address: bob@nodot.example.',
    "'bob@nodot.example' is no address",
    'ada@recipient.example, bob@nodot.example; cleo@recipient.example',
  ])('finds the address in %j', (text) => {
    expect(mentionsAddress(text, 'bob@nodot.example')).toBe(true);
  });

  it.each(['xbob@nodot.example', 'a.bob@nodot.example', 'bob@nodot.example.net', 'bob@nodot.example-x', 'bob', ''])(
    'does not find it in %j',
    (text) => {
      expect(mentionsAddress(text, 'bob@nodot.example')).toBe(false);
    },
  );

  it('finds the address as it was sent', () => {
    expect(mentionsAddress('invalid: ada@xn--mnchen-3ya.example', 'ada@münchen.example')).toBe(true);
  });
});

describe('mailboxText', () => {
  it.each([
    ['', 'ada@example.com'],
    ['Ada', '"Ada" <ada@example.com>'],
    ['Lovelace, "Ada" \\', '"Lovelace, \\"Ada\\" \\\\" <ada@example.com>'],
    ['Ärger', '=?UTF-8?B?w4RyZ2Vy?= <ada@example.com>'],
  ])('writes the name %j as %j', (name, expected) => {
    expect(mailboxText({ email: 'ada@example.com', name })).toBe(expected);
  });

  it('needs no name', () => {
    expect(mailboxText({ email: 'ada@example.com' })).toBe('ada@example.com');
  });
});

describe('bounceDetails', () => {
  it.each([
    [
      { reason: '550 5.1.1 unknown', code: '554', rule: '10' },
      { code: 554, enhancedCode: '5.1.1', reason: '550 5.1.1 unknown', rule: '10' },
    ],
    [
      { reason: '550 5.1.1 unknown', code: 'x1', rule: undefined },
      { code: 550, enhancedCode: '5.1.1', reason: '550 5.1.1 unknown' },
    ],
    [{ reason: undefined, code: undefined, rule: undefined }, {}],
  ])('of %j', (fields, expected) => {
    expect(bounceDetails(fields)).toEqual(expected);
  });
});

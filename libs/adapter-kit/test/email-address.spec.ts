import { describe, expect, it } from '@jest/globals';
import {
  canonicalAddress,
  displayAddress,
  EMAIL_ADDRESS_SCHEMA,
  emailAddressProblem,
  isEmailAddress,
  needsSmtpUtf8,
  parseEmailAddress,
  wireAddress,
} from '@score-crm/adapter-kit';
import fc from 'fast-check';

const ACCEPTED = [
  'ada@example.com',
  "o'brien+news=1@mail.example.com",
  'a@b.co',
  'click@bücher.example',
  'click@xn--bcher-kva.example',
  'jürgen@recipient.example',
  'юзер@пример.рф',
  '用户@例子.中国',
  'ada@straße.example',
  `${'a'.repeat(64)}@example.com`,
  `ada@${'a'.repeat(63)}.example`,
  'ada@1.example',
];

const REFUSED: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /not an email address/],
  ['ada', /not an email address/],
  ['@example.com', /not an email address/],
  ['ada@', /not an email address/],
  ['ada@localhost', /not an email address/],
  ['ada@example..com', /not an email address/],
  ['ada@-example.com', /not an email address/],
  ['ada@exam_ple.com', /not an email address/],
  ['ada@192.0.2.1', /not an email address/],
  ['ada@ex%61mple.com', /not an email address/],
  ['ada@0x7f.1', /not an email address/],
  ['ada@xn--a.example', /not an email address/],
  ['.ada@example.com', /not an email address/],
  ['ada.@example.com', /not an email address/],
  ['a..b@example.com', /not an email address/],
  ['a b@example.com', /not an email address/],
  ['ada@example.com ', /not an email address/],
  ['ada@example.com\r\nbcc: eve@example.com', /not an email address/],
  ['a@b.example,c@d.example', /not an email address/],
  ['a@b@c.example', /not an email address/],
  ['ada\u00ad@example.com', /not an email address/],
  ['ada\u202e@example.com', /not an email address/],
  ['ada\u037e@example.com', /not an email address/],
  ['ada\u3000@example.com', /not an email address/],
  ['ada\ud800@example.com', /not an email address/],
  ['ada@exam\u00adple.com', /not an email address/],
  ['"a b"@x.example', /Quoted local parts/],
  ['"ada"@x.example', /Quoted local parts/],
  ['Ada <ada@example.com>', /name field/],
  ['ada@[192.0.2.1]', /IP address/],
  ['ada@[IPv6:2001:db8::1]', /IP address/],
  ['ada@example.com.', /ends with a dot/],
  [`${'a'.repeat(65)}@example.com`, /longer than 64 bytes/],
  // 33 characters, but 66 octets.
  [`${'ü'.repeat(33)}@example.com`, /longer than 64 bytes/],
  [`ada@${'a'.repeat(64)}.example`, /not an email address/],
  [`ada@${'ü'.repeat(60)}.example`, /not an email address/],
  [`${'a'.repeat(60)}@${Array.from({ length: 4 }, () => 'b'.repeat(50)).join('.')}.example`, /longer than 254 bytes/],
  [`ada@${'a.'.repeat(400)}example`, /not an email address/],
];

describe('the address rule', () => {
  it.each(ACCEPTED)('accepts %s', (text) => {
    expect(isEmailAddress(text)).toBe(true);
    expect(emailAddressProblem(text)).toBeUndefined();
    expect(text).toMatch(new RegExp(EMAIL_ADDRESS_SCHEMA.pattern, 'u'));
  });

  it.each(REFUSED)('rejects %j with a reason', (text, why) => {
    expect(parseEmailAddress(text)).toBeUndefined();
    expect(emailAddressProblem(text)).toMatch(why);
  });

  it('rejects values that are not text', () => {
    expect([undefined, null, 5, {}, ['ada@example.com']].map(isEmailAddress)).toEqual(Array(5).fill(false));
  });
});

describe('the canonical form', () => {
  it.each([
    ['Click@BÜCHER.example', 'click@xn--bcher-kva.example'],
    [' click@xn--BCHER-kva.example ', 'click@xn--bcher-kva.example'],
    // Composed and decomposed letters look the same.
    ['click@bu\u0308cher.example', 'click@xn--bcher-kva.example'],
    ['JU\u0308RGEN@Recipient.Example', 'jürgen@recipient.example'],
    ['ada@straße.example', 'ada@xn--strae-oqa.example'],
    // Not addresses by this rule, but vendors may report them.
    ['"A b"@Bücher.example', '"a b"@xn--bcher-kva.example'],
    ['ada@[192.0.2.1]', 'ada@[192.0.2.1]'],
    ['Ada@Localhost', 'ada@localhost'],
    ['ada@ex%61mple.com', 'ada@ex%61mple.com'],
    ['nothing', 'nothing'],
    ['', ''],
  ])('of %j is %j', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('is the same for a capital letter of which only the small form is known', () => {
    expect(canonicalAddress('ada@\u10a0.example')).toBe(canonicalAddress('ada@\u2d00.example'));
    expect(canonicalAddress('@\u10a0.example')).toBe(canonicalAddress('@\u2d00.example'));
  });

  it('does not change a canonical form', () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(part, part).map(([a, b]) => `${a}@${b}.example`),
          fc.string(),
        ),
        (text) => {
          expect(canonicalAddress(canonicalAddress(text))).toBe(canonicalAddress(text));
        },
      ),
    );
  });

  it('keeps the case of the local part on the wire', () => {
    expect(wireAddress('Click@BÜCHER.example')).toBe('Click@xn--bcher-kva.example');
    expect(wireAddress('"a b"@Bücher.example')).toBe('"a b"@Bücher.example');
  });

  it('shows an internationalized domain in its native letters', () => {
    expect(displayAddress('click@xn--bcher-kva.example')).toBe('click@bücher.example');
    expect(displayAddress('ada@example.com')).toBe('ada@example.com');
    expect(displayAddress('ada@xn--a.example')).toBe('ada@xn--a.example');
  });

  it('recognizes which addresses need SMTPUTF8', () => {
    expect(needsSmtpUtf8('jürgen@recipient.example')).toBe(true);
    expect(needsSmtpUtf8('click@bücher.example')).toBe(false);
  });
});

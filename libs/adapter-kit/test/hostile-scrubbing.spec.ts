import { createScrubber } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { SecretFinder } from '../src/scrubbing/secret-finder.ts';

const LONG = process.env['TEST_LONG'] === '1';
/** The quick run makes a small part of the long one's, but at least 10. */
const runs = (all: number) => ({ numRuns: LONG ? all : Math.max(10, Math.round(all / 150)) });
const KIBI = 1024;

type Encoder = (text: string) => string;

const everyUnit = (text: string, encode: (unit: number) => string): string =>
  Array.from({ length: text.length }, (_, index) => encode(text.charCodeAt(index))).join('');
const hexOf = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
const inJson: Encoder = (text) => JSON.stringify(text).slice(1, -1);

const ESCAPERS: Readonly<Record<string, Encoder>> = {
  JSON: inJson,
  'JSON with escaped slashes': (text) => inJson(text).replaceAll('/', '\\/'),
  'JSON in ASCII': (text) => inJson(text).replace(/[^\0-\x7e]/g, (unit) => `\\u${hexOf(unit.charCodeAt(0), 4)}`),
  'JSON, every character escaped': (text) => everyUnit(text, (unit) => `\\u${hexOf(unit, 4).toUpperCase()}`),
  'a quoted string': (text) => text.replace(/["\\]/g, '\\$&'),
  URL: encodeURIComponent,
  'URL in lowercase': (text) => encodeURIComponent(text).replace(/%../g, (byte) => byte.toLowerCase()),
  'URL, every byte encoded': (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'),
  form: (text) => new URLSearchParams({ '': text }).toString().slice(1),
  HTML: (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  'HTML, every character as a numeric reference': (text) =>
    Array.from(text, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`).join(''),
};

const TOKENS: Readonly<Record<string, Encoder>> = {
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'uppercase hexadecimal': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'base64, offset by one byte': (text) => Buffer.from(`:${text}!`).toString('base64'),
  'base64, offset by two bytes': (text) => Buffer.from(`\0:${text}`).toString('base64'),
  'base64 in lines': (text) =>
    Buffer.from(text)
      .toString('base64')
      .replace(/.{76}(?=.)/g, '$&\r\n'),
  Basic: (text) => Buffer.from(`relay@sender.example:${text}`).toString('base64'),
  'AUTH PLAIN': (text) => Buffer.from(`\0relay@sender.example\0${text}`).toString('base64'),
};

const hostileUnit = fc.constantFrom(...'\\!%u0"&;='.split(''));
const lookalike = fc.constantFrom(
  '\\u0022',
  '\\\\',
  '\\"',
  '\\n',
  '%22',
  '%25',
  '%2522',
  '&amp;',
  '&#x22;',
  '&amp;quot;',
  '\\x41',
  '+',
  ' ',
  'ü',
  '😀',
);
const anyUnit = fc.oneof(hostileUnit, lookalike, fc.constantFrom(..."aZ7/<>'-_.:".split('')));
const secrets = fc.oneof(
  fc.string({ unit: hostileUnit, minLength: 4, maxLength: 256 }),
  fc.string({ unit: anyUnit, minLength: 4, maxLength: 60 }),
  fc.string({ unit: 'binary', minLength: 4, maxLength: 64 }),
);
const escapers = (maxLength: number) => fc.array(fc.constantFrom(...Object.keys(ESCAPERS)), { maxLength });
const tokens = fc.constantFrom(...Object.keys(TOKENS));
const junk = fc.string({ unit: fc.oneof(hostileUnit, lookalike), maxLength: 40 });

function encode(text: string, names: readonly string[]): string {
  return names.reduce((encoded, name) => (ESCAPERS[name] ?? TOKENS[name])?.(encoded) ?? '', text);
}

/** Whether one of the ranges covers the planted secret completely. */
function covers(secret: string, before: string, planted: string, after: string): boolean {
  const ranges = new SecretFinder([secret]).find(before + planted + after, { steps: 0 });
  const end = before.length + planted.length;
  return ranges.some(([from, to]) => from <= before.length && to >= end);
}

describe('a scrubber', () => {
  it('finds a hostile secret after up to three rounds of escaping, in any surroundings', () => {
    fc.assert(
      fc.property(secrets, escapers(3), junk, junk, (secret, names, before, after) => {
        expect(covers(secret, before, encode(secret, names), after)).toBe(true);
      }),
      runs(75_000),
    );
  });

  it('finds it if its surroundings are escaped with it', () => {
    fc.assert(
      fc.property(secrets, escapers(3), junk, junk, (secret, names, before, after) => {
        const parts = [before, secret, after].map((part) => encode(part, names));
        expect(covers(secret, parts[0] ?? '', parts[1] ?? '', parts[2] ?? '')).toBe(true);
      }),
      runs(62_500),
    );
  });

  it('finds it in hexadecimal and in base64 tokens, escaped before and after', () => {
    const rounds = fc
      .tuple(escapers(3), tokens, escapers(3))
      .filter(([inner, , outer]) => inner.length + outer.length <= 3);
    fc.assert(
      fc.property(secrets, rounds, (secret, [inner, token, outer]) => {
        const planted = encode(secret, [...inner, token, ...outer]);
        const found = new SecretFinder([secret]).find(`<${planted}>`, { steps: 0 });
        expect(found).toEqual([[1, planted.length + 1]]);
      }),
      runs(62_500),
    );
  });

  it('finds it in a token inside a token', () => {
    fc.assert(
      fc.property(secrets, tokens, tokens, (secret, inner, outer) => {
        // Of hexadecimal digits only those of the secret are removed, and the last line may contain only the inner
        // padding.
        const isWhole = outer.startsWith('base64') && outer !== 'base64 in lines';
        const planted = encode(secret, [inner, outer]);
        const ranges = new SecretFinder([secret]).find(`<${planted}>`, { steps: 0 });
        if (isWhole) expect(ranges).toEqual([[1, planted.length + 1]]);
        else expect(ranges).toHaveLength(1);
      }),
      runs(12_500),
    );
  });

  it('leaves nothing of overlapping secrets', () => {
    fc.assert(
      fc.property(secrets, fc.nat(), (text, cut) => {
        const characters = Array.from(text);
        const middle = 4 + (cut % Math.max(1, characters.length - 7));
        const known = [characters.slice(0, middle + 2).join(''), characters.slice(middle - 2).join('')];
        fc.pre(known.every((secret) => Buffer.byteLength(secret) >= 4));
        expect(createScrubber(known)(`<${text}>`)).toBe('<[redacted]>');
      }),
      runs(12_500),
    );
  });

  describe('counts steps that', () => {
    const hostileText = fc.oneof(
      fc.string({ unit: hostileUnit, minLength: 1, maxLength: 32 }),
      fc.array(lookalike, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
      fc.array(lookalike, { minLength: 1, maxLength: 8 }).map((parts) => encode(parts.join(''), ['base64'])),
    );
    const stepsOf = (secret: string, text: string): number => {
      const work = { steps: 0 };
      new SecretFinder([secret]).find(text, work);
      return work.steps;
    };
    it('stay below a fixed number for each character of a text of 64 KiB', () => {
      fc.assert(
        fc.property(secrets, hostileText, (secret, unit) => {
          const text = unit.repeat(Math.ceil((64 * KIBI) / unit.length)).slice(0, 64 * KIBI);
          expect(stepsOf(secret, text) / text.length).toBeLessThan(1_000);
        }),
        runs(500),
      );
    });

    it('double when the text doubles', () => {
      fc.assert(
        fc.property(secrets, hostileText, (secret, unit) => {
          const text = unit.repeat(Math.ceil((8 * KIBI) / unit.length));
          expect(stepsOf(secret, text + text)).toBeLessThan(2.1 * stepsOf(secret, text));
        }),
        runs(500),
      );
    });

    it.each([11, 20, 128])('are few for a password of %i escaped exclamation marks', (pairs) => {
      const secret = `${'\\!'.repeat(pairs)}z`;
      const text = `535 ${'\\\\!'.repeat(pairs)}y`;
      expect(stepsOf(secret, text) / text.length).toBeLessThan(200);
      expect(createScrubber([secret])(text)).toBe(text);
    });

    it('end the search of a value with very many hostile texts', () => {
      const texts = Array.from({ length: 100 }, () => '%5c&#92;\\'.repeat(4 * KIBI));
      const secret = 'tr0ub4dor';
      const scrubbed = createScrubber([secret])([secret, ...texts, secret]);
      expect([scrubbed[0], scrubbed[1], scrubbed.at(-2), scrubbed.at(-1)]).toEqual([
        '[redacted]',
        texts[0],
        '[cut]',
        '[cut]',
      ]);
    });
  });

  describe('for a text that is too long', () => {
    const secret = 'correct horse battery staple';

    it('keeps the beginning, and nothing that was not searched', () => {
      const text = `${secret} ${'x'.repeat(80 * KIBI)} ${secret}`;
      const scrubbed = createScrubber([secret])(text);
      expect(scrubbed).toMatch(/^\[redacted\] x{60000,}\[cut\]$/);
      expect(scrubbed.length).toBeLessThan(64 * KIBI);
    });

    it.each([0, 1, 27, 28, 29, 100, 800])(
      'shows no part of a secret that ends %i characters after the limit',
      (behind) => {
        for (const planted of [secret, encode(secret, ['URL, every byte encoded', 'URL', 'URL'])]) {
          const before = 'x'.repeat(64 * KIBI + behind - planted.length);
          const scrubbed = createScrubber([secret])(`${before}${planted} and more`);
          expect(scrubbed).toMatch(/^x*(\[redacted\])?\[cut\]$/);
        }
      },
    );
  });

  it.each([
    ['UTF-8 read as Latin-1', Buffer.from('pässwörd€').toString('latin1')],
    ["bytes in Python's notation", 'p\\xc3\\xa4ssw\\xc3\\xb6rd\\xe2\\x82\\xac'],
    ['named HTML entities', 'p&auml;ssw&ouml;rd&#8364;'],
    ['legacy JavaScript escapes', 'p%E4ssw%F6rd%u20AC'],
    ['a proxy that escapes some characters twice', 'p%25C3%25A4ssw%C3%B6rd%E2%82%AC'],
    ['uppercase', 'PÄSSWÖRD€'],
  ])('finds a secret with non-ASCII letters: %s', (_, text) => {
    expect(createScrubber(['pässwörd€'])(`<${text}>`)).toBe('<[redacted]>');
  });

  // The secret contains what looks like an escape, which such an encoder leaves unchanged: decoding the text decodes it
  // too.
  it.each([
    ['spaces in URLs', 'p%41ss word', 'p%41ss%20word'],
    ['quotation marks in JSON', '\\npass"word', '\\npass\\"word'],
    ['angle brackets in HTML', 'p&amp;ss<word', 'p&amp;ss&lt;word'],
    ['spaces in URLs, then all of JSON', 'p%41ss "word', 'p%41ss%20\\"word'],
    ['every second character', 'p\\"ss%22word/', 'p\\"s%73%22w&#111;rd\\/'],
  ])('finds a secret in the text of an encoder that escapes only some characters: %s', (_, secret, text) => {
    expect(createScrubber([secret])(`<${text}>`)).toBe('<[redacted]>');
  });
});

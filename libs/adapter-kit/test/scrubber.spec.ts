import { createScrubber } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { cpuTime } from '../../../test/support/cpu-time.ts';

const REDACTED = '[redacted]';

/** Every spelling of a secret that must be removed. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    encodeURIComponent(secret).replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    asciiJson(secret),
    // Every number contains the hexadecimal digits of a short secret.
    ...(bytes.length < 4 ? [] : [hex, hex.toUpperCase()]),
  ];
}

function tokens(secret: string, user: string): string[] {
  const basic = Buffer.from(`${user}:${secret}`);
  const plain = Buffer.from(`\0${user}\0${secret}`);
  return [Buffer.from(secret), basic, plain].flatMap((bytes) => [
    bytes.toString('base64'),
    bytes.toString('base64url'),
    encodeURIComponent(bytes.toString('base64')),
    bytes.toString('base64').replaceAll('/', '\\/'),
  ]);
}

function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const ascii = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 64 });
const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 64 });
const unicode = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 });
const metacharacters = fc.string({
  unit: fc.constantFrom(...'.*+?^${}()|[]\\/-"%&=:~!\'<> aA0'.split('')),
  minLength: 1,
  maxLength: 64,
});
// A part of the replacement itself cannot be distinguished from it.
const secrets = fc
  .oneof(ascii, printable, unicode, metacharacters)
  .filter((secret) => !REDACTED.includes(secret.toLowerCase()) && !'<">'.includes(secret))
  // And a part of the surrounding words would also be found there.
  .filter((secret) => {
    const text = `before <${secret}> after`;
    return text.indexOf(secret) === 'before <'.length && text.lastIndexOf(secret) === 'before <'.length;
  });
const users = fc.string({ unit: 'binary-ascii', maxLength: 64 });

const RUNS = { numRuns: process.env['TEST_LONG'] === '1' ? 25_000 : 200 };

describe('createScrubber', () => {
  it('removes a secret in every spelling', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const scrub = createScrubber([secret]);
        for (const spelling of spellings(secret)) {
          expect(scrub(`before <${spelling}> after`)).toBe(`before <${REDACTED}> after`);
        }
      }),
      RUNS,
    );
  });

  it('removes the token that contains a secret, for any length of the user name', () => {
    fc.assert(
      fc.property(secrets, users, (secret, user) => {
        const scrub = createScrubber([secret]);
        for (const token of tokens(secret, user)) {
          const scrubbed = scrub(`authorization: Basic ${token}"`);
          expect(scrubbed).toMatch(/^authorization: Basic \[redacted\]"$/);
        }
      }),
      RUNS,
    );
  });

  it('removes it in the middle of a token', () => {
    fc.assert(
      fc.property(
        secrets.filter((secret) => Buffer.byteLength(secret) >= 4),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        (secret, before, after) => {
          const token = Buffer.concat([before, Buffer.from(secret), after]).toString('base64');
          expect(createScrubber([secret])(`x ${token} y`)).toBe(`x ${REDACTED} y`);
        },
      ),
      RUNS,
    );
  });

  it('removes each of several secrets if one is part of another', () => {
    fc.assert(
      fc.property(
        fc.array(
          printable.filter((s) => s.length >= 4 && !REDACTED.includes(s.toLowerCase())),
          { minLength: 1, maxLength: 5 },
        ),
        (known) => {
          const all = [...known, `${known[0] ?? ''}-and-more`];
          const scrubbed = createScrubber(all)(all.join(' | ')).replaceAll(REDACTED, '\0');
          for (const secret of all) expect(scrubbed.toLowerCase()).not.toContain(secret.toLowerCase());
        },
      ),
      RUNS,
    );
  });

  it('does not leave the rest of a secret that another one is part of', () => {
    const scrub = createScrubber(['hunter', 'hunter-two', 'a-hunter']);
    expect(scrub('hunter-two, a-hunter, hunter')).toBe(`${REDACTED}, ${REDACTED}, ${REDACTED}`);
  });

  it('leaves text without the secret unchanged', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'QXZJKqxzjk0189'.split('')), minLength: 8, maxLength: 64 });
    const text = fc.string({ unit: fc.constantFrom(...'abcdefghi lmnoprstuvwy.,:/%\\"\n'.split('')), maxLength: 500 });
    fc.assert(
      fc.property(secret, text, (hidden, shown) => {
        expect(createScrubber([hidden])(shown)).toBe(shown);
      }),
      RUNS,
    );
  });

  it('removes Latin-1 forms, as btoa and headers have them', () => {
    const scrub = createScrubber(['pässwörd']);
    expect(scrub(`Basic ${btoa('user:pässwörd')}`)).toBe(`Basic ${REDACTED}`);
    expect(scrub('p%E4ssw%F6rd')).toBe(REDACTED);
    expect(scrub(Buffer.from('pässwörd', 'latin1').toString('hex'))).toBe(REDACTED);
  });

  it('ignores case, since servers change it', () => {
    expect(createScrubber(['Correct-Horse'])('535 CORRECT-HORSE is wrong')).toBe(`535 ${REDACTED} is wrong`);
  });

  it.each([
    ['abc', 'password abc.', `password ${REDACTED}.`],
    ['abc', 'password=%3Aabc', `password=%3A${REDACTED}`],
    ['abc', 'the abcess', 'the abcess'],
    ['abc', '616263', '616263'],
    ['7', 'port 587, 7 tries', `port 587, ${REDACTED} tries`],
    ['é', 'é', REDACTED],
  ])('replaces the short secret %s only as a separate word: %s', (secret, text, scrubbed) => {
    expect(createScrubber([secret])(text)).toBe(scrubbed);
  });

  it('treats a secret neither as a pattern nor as a replacement', () => {
    expect(createScrubber(['.*.*'])('nothing here')).toBe('nothing here');
    expect(createScrubber(["$&$'"])("a $&$' b")).toBe(`a ${REDACTED} b`);
  });

  it('does nothing without secrets', () => {
    const value = { text: 'as it is' };
    expect(createScrubber([])(value)).toBe(value);
    expect(createScrubber([''])('as it is')).toBe('as it is');
  });

  describe('walks', () => {
    const scrub = createScrubber(['tr0ub4dor']);

    it('arrays and plain objects, including keys, without changing the original', () => {
      const original = { a: ['tr0ub4dor', { b: 'x tr0ub4dor' }], tr0ub4dor: 1, n: null, u: undefined, t: true };
      const copy = structuredClone(original);
      expect(scrub(original)).toEqual({
        a: [REDACTED, { b: `x ${REDACTED}` }],
        [REDACTED]: 1,
        n: null,
        u: undefined,
        t: true,
      });
      expect(original).toEqual(copy);
    });

    it('objects without a prototype, and of JSON with a __proto__', () => {
      expect(scrub(Object.assign(Object.create(null) as object, { a: 'tr0ub4dor' }))).toEqual({ a: REDACTED });
      const scrubbed = scrub(JSON.parse('{"__proto__":{"a":"tr0ub4dor"}}') as object);
      expect(JSON.stringify(scrubbed)).toBe(`{"__proto__":{"a":"${REDACTED}"}}`);
      expect(Object.getPrototypeOf(scrubbed)).toBe(Object.prototype);
    });

    it('maps and sets', () => {
      expect(scrub(new Map([['tr0ub4dor', ['tr0ub4dor']]]))).toEqual(new Map([[REDACTED, [REDACTED]]]));
      expect(scrub(new Set(['tr0ub4dor']))).toEqual(new Set([REDACTED]));
    });

    it('circular values, once', () => {
      const cyclic: Record<string, unknown> = { text: 'tr0ub4dor' };
      cyclic['self'] = cyclic;
      cyclic['list'] = [cyclic];
      const scrubbed = scrub(cyclic);
      expect(scrubbed['text']).toBe(REDACTED);
      expect(scrubbed['self']).toBe(scrubbed);
      expect(scrubbed['list']).toEqual([scrubbed]);
    });

    it('up to a hundred levels, and shows nothing below', () => {
      const deep = JSON.parse(`${'['.repeat(100_000)}"tr0ub4dor"${']'.repeat(100_000)}`) as unknown;
      const text = JSON.stringify(scrub(deep));
      expect(text).toBe(`${'['.repeat(100)}"${REDACTED}"${']'.repeat(100)}`);
    });

    it('neither bytes, dates, errors nor instances of classes', () => {
      class Instance {
        text = 'tr0ub4dor';
      }
      for (const value of [Buffer.from('tr0ub4dor'), new Uint8Array(3), new Date(0), new Error('x'), new Instance()]) {
        expect(scrub(value)).toBe(value);
      }
    });

    it.each([7, 7n, true, null, undefined, Symbol.iterator])('and leaves %p unchanged', (value) => {
      expect(scrub(value)).toBe(value);
    });
  });

  describe('is fast', () => {
    it.each([
      ['base64', 'A'.repeat(1 << 18)],
      ['slashes', '/'.repeat(1 << 18)],
      ['backslashes', '\\'.repeat(1 << 18)],
      ['percents', '%'.repeat(1 << 18)],
      ['percent-encoding', '%25'.repeat(1 << 16)],
      ['equals signs', 'A='.repeat(1 << 17)],
      ['the start of the secret', 'aaaaaaa"'.repeat(1 << 15)],
    ])('with 256 KiB of %s', (_, text) => {
      const hostile = [
        'A'.repeat(63) + 'B',
        `${'\\'.repeat(32)}x`,
        `${'%'.repeat(63)}x`,
        'aaaaaaaab',
        `${'"\\'.repeat(30)}x`,
      ];
      const scrub = createScrubber(hostile);
      expect(cpuTime(() => scrub(text))).toBeLessThan(2000);
    });

    it.each(['"', '\\"', '😀', '%', ' ', 'a\n'])('with a secret of 256 characters: of %j', (unit) => {
      const secret = unit.repeat(256 / unit.length);
      const scrub = createScrubber([secret, `${secret.slice(0, -1)}x`]);
      expect(cpuTime(() => expect(scrub(`<${secret}>`)).toBe(`<${REDACTED}>`))).toBeLessThan(500);
      expect(cpuTime(() => scrub(unit.repeat(1 << 15)))).toBeLessThan(2000);
    });

    it.each([257, 300, 4096])('with a longer secret: of %i characters', (length) => {
      const secret = 'p@ss "wörd"/'.repeat(length).slice(0, length);
      const hex = Buffer.from(secret).toString('hex');
      const form = new URLSearchParams({ '': secret }).toString().slice(1);
      const url = encodeURIComponent(secret);
      const base64 = btoa(`user:${encodeURIComponent(secret)}`);
      for (const text of [secret, JSON.stringify(secret).slice(1, -1), url, form, hex, hex.toUpperCase()]) {
        expect(createScrubber([secret])(`<${text}>`)).toBe(`<${REDACTED}>`);
      }
      expect(createScrubber([url])(base64)).toBe(REDACTED);
      expect(createScrubber([secret])(Buffer.from(`user:${secret}`).toString('base64'))).toBe(REDACTED);
    });

    it('with a secret of 64 KiB', () => {
      const pem = `-----BEGIN PRIVATE KEY-----\n${'MIIE+/vg\n'.repeat(7000)}-----END PRIVATE KEY-----\n`;
      expect(cpuTime(() => expect(createScrubber([pem])(`x ${pem} y`)).toBe(`x ${REDACTED} y`))).toBeLessThan(2000);
    });
  });
});

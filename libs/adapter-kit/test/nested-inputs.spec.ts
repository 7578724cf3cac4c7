import { describe, expect, it } from '@jest/globals';
import {
  type FieldError,
  InputField,
  inputSchema,
  IsEmailAddress,
  SatisfiesText,
  validateInput,
} from '@score-crm/adapter-kit';
import { ArrayMaxSize, ArrayMinSize, IsIn, IsOptional, Max, MaxLength, ValidateIf } from 'class-validator';
import fc from 'fast-check';

class Person {
  @InputField({ label: 'Email' })
  @IsEmailAddress()
  email!: string;

  @InputField({ label: 'Name' })
  @IsOptional()
  @MaxLength(5)
  name?: string;
}

class Letter {
  @InputField({ label: 'To', items: () => Person })
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  to!: readonly Person[];

  @InputField({ label: 'From', type: () => Person })
  @IsOptional()
  from?: Person;

  @InputField({ label: 'Subject', mayBeEmpty: true })
  subject!: string;

  @InputField({ label: 'Copies' })
  @IsOptional()
  @Max(9)
  copies?: number;

  @InputField({ label: 'Tags', items: 'string' })
  @IsOptional()
  @MaxLength(5, { each: true })
  @SatisfiesText({
    name: 'isLower',
    code: 'upper_case',
    problem: (text) => (text === text.toLowerCase() ? undefined : 'Use small letters.'),
    each: true,
  })
  tags?: readonly string[];

  @InputField({
    label: 'Notes',
    entries: {
      maxEntries: 3,
      maxNameLength: 12,
      maxLength: 10,
      check: (name, value) => (name === value ? { code: 'same', message: 'Enter another value.' } : undefined),
    },
  })
  @IsOptional()
  notes?: Readonly<Record<string, string>>;

  @InputField({ label: 'File', type: 'bytes' })
  @IsOptional()
  file?: Uint8Array | string;

  @InputField({ label: 'At', type: 'time', nullable: true })
  @IsOptional()
  at?: Date | string | null;

  @InputField({ label: 'Color', type: 'string' })
  @ValidateIf((_letter, value) => value !== undefined)
  @IsIn(['red', 'green'])
  color?: string;

  @InputField({ label: 'Extra', type: 'object' })
  @IsOptional()
  extra?: object;
}

const LETTER = { to: [{ email: 'ada@example.com' }], subject: '' };

function errorsOf(input: unknown): readonly FieldError[] {
  const result = validateInput(Letter, input);
  return result.ok ? [] : result.errors;
}

const codesOf = (input: unknown): string[] => errorsOf(input).map(({ pointer, code }) => `${pointer} ${code}`);

describe('validateInput of nested classes, lists and maps', () => {
  it.each<[string, object, string[]]>([
    [
      'a member of an item',
      { to: [{ email: 'ada@example.com' }, { email: 'x', name: 'too long' }] },
      ['/to/1/email invalid_email', '/to/1/name too_long'],
    ],
    ['an unknown member of an item', { to: [{ email: 'ada@example.com', 'a/b': 1 }] }, ['/to/0/a~1b unknown_field']],
    ['an item without its member', { to: [{}] }, ['/to/0/email required']],
    [
      'items that are not objects',
      { to: [null, [], 'x', 5] },
      ['/to/0', '/to/1', '/to/2', '/to/3'].map((at) => `${at} wrong_type`),
    ],
    ['no items', { to: [] }, ['/to required']],
    ['too many items', { to: Array.from({ length: 201 }, () => 5) }, ['/to too_many']],
    ['an object in place of a list', { to: { 0: {}, length: 1 } }, ['/to wrong_type']],
    ['a list in place of an object', { from: [{ email: 'ada@example.com' }] }, ['/from wrong_type']],
    [
      'a Map in place of an object',
      { notes: new Map([['a', 'b']]), extra: new Map() },
      ['/notes wrong_type', '/extra wrong_type'],
    ],
    [
      'items of text',
      { tags: ['a', '', 7, 'sixsix', 'A', 'b\n'] },
      ['/tags/1 required', '/tags/2 wrong_type', '/tags/3 too_long', '/tags/4 upper_case', '/tags/5 control_character'],
    ],
    [
      'entries of a map',
      { notes: { a: 'a', b: 7, '': 'x' } },
      ['/notes/a same', '/notes/b wrong_type', '/notes/ required'],
    ],
    ['too many entries', { notes: { a: '1', b: '2', c: '3', d: '4' } }, ['/notes too_many']],
    ['text that is not base64', { file: 'a' }, ['/file invalid_base64']],
    ['a number in place of base64', { file: 5 }, ['/file wrong_type']],
    ['a day that does not exist', { at: '2030-02-30T08:00:00Z' }, ['/at invalid_time']],
    ['an invalid Date', { at: new Date(Number.NaN) }, ['/at invalid_time']],
    ['an option that does not exist', { color: 'blue' }, ['/color not_an_option']],
    [
      'null where null is not a value',
      { from: null, copies: null, tags: null, notes: null, file: null, color: null, extra: null },
      ['/from', '/copies', '/tags', '/notes', '/file']
        .map((at) => `${at} wrong_type`)
        .concat('/color required', '/extra wrong_type'),
    ],
  ])('reports %s', (_what, change, expected) => {
    expect(codesOf({ ...LETTER, ...change })).toEqual(expected);
  });

  it('names a list and its entries in messages', () => {
    const messages = errorsOf({ ...LETTER, to: [null], tags: ['', 7], notes: [] }).map(({ message }) => message);
    expect(messages).toEqual([
      'An entry of To must be a JSON object.',
      'An entry of Tags is empty. Remove it.',
      'An entry of Tags must be text.',
      'Notes must be a JSON object with text values.',
    ]);
    expect(errorsOf({ ...LETTER, to: [] })[0]?.message).toBe('Too few entries in To. Send at least 1.');
  });

  it('keeps what was given, null of a nullable field and empty text included', () => {
    const input = { ...LETTER, at: null, extra: { a: [1] }, notes: { a: '' }, file: '' };
    expect(codesOf({ ...input, file: 'AA==' })).toEqual([]);
    const result = validateInput(Letter, { ...input, file: new Uint8Array([1]) });
    expect(result).toEqual({ ok: true, value: { ...input, file: new Uint8Array([1]) } });
    expect(result.ok && result.value.to[0]).toBeInstanceOf(Person);
  });

  it('returns the fields that have no error beside the errors', () => {
    const result = validateInput(Letter, { ...LETTER, copies: 10, tags: ['a', 5] });
    expect(result).toMatchObject({ ok: false, valid: { ...LETTER, tags: ['a', undefined] } });
    expect(!result.ok && 'copies' in result.valid).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'rejects the name %s in a map and changes no prototype',
    (name) => {
      const input: unknown = JSON.parse(`{"to":[{"email":"ada@example.com"}],"subject":"","notes":{"${name}":"x"}}`);
      expect(errorsOf(input)).toEqual([
        {
          pointer: `/notes/${name}`,
          code: 'not_allowed',
          message: `The name ${name} is not allowed. Use another name.`,
        },
      ]);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  it('reports at most 100 errors, however many there are', () => {
    const to = Array.from({ length: 200 }, () => ({ email: 'x', name: 'too long' }));
    expect(errorsOf({ ...LETTER, to })).toHaveLength(100);
  });

  it('reads no deeper than the classes do', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(codesOf({ ...LETTER, subject: deep, from: deep, notes: { a: deep } })).toEqual([
      '/from/email required',
      '/from/a unknown_field',
      '/subject wrong_type',
      '/notes/a wrong_type',
    ]);
  });

  it('refuses a class that contains itself at 32 levels', () => {
    class Node {
      @InputField({ label: 'Next', type: () => Node })
      @IsOptional()
      next?: Node;
    }
    const chain = (levels: number): object => (levels === 0 ? {} : { next: chain(levels - 1) });
    expect(validateInput(Node, chain(32))).toMatchObject({ ok: true });
    expect(validateInput(Node, chain(33))).toMatchObject({ ok: false, errors: [{ code: 'too_deep' }] });
    expect(validateInput(Node, chain(1_000))).toMatchObject({ ok: false, errors: [{ code: 'too_deep' }] });
  });

  const names = fc.oneof(
    fc.constantFrom(
      'to',
      'from',
      'subject',
      'tags',
      'notes',
      'email',
      'name',
      '__proto__',
      'constructor',
      'prototype',
      'at',
      'extra',
    ),
    fc.string(),
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant('ada@example.com'),
      fc.array(tie('value')),
      fc.array(fc.tuple(names, tie('value'))).map((entries) => Object.fromEntries(entries)),
    ),
  })).value;

  it('never throws, changes no input, and points to what is there or is missing', () => {
    fc.assert(
      fc.property(anything, (input) => {
        const before = JSON.stringify(input);
        for (const { pointer, message } of errorsOf(input)) {
          expect(message).toMatch(/[.]$/);
          const parent = pointer.slice(0, Math.max(pointer.lastIndexOf('/'), 0));
          expect(typeof valueAt(input, parent)).toBe(pointer === '' ? typeof input : 'object');
        }
        expect(JSON.stringify(input)).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  const person = fc.record(
    { email: fc.constantFrom('ada@example.com', 'b@c.example'), name: fc.constantFrom('Ada', '') },
    { requiredKeys: ['email'] },
  );
  const letter = fc.record(
    {
      to: fc.array(person, { minLength: 1, maxLength: 5 }),
      from: person,
      subject: fc.constantFrom('', 'Hello'),
      copies: fc.integer({ max: 9 }),
      tags: fc.array(fc.constantFrom('a', 'b c')),
      notes: fc.dictionary(fc.constantFrom('k1', 'k2', 'a/b', '~'), fc.constantFrom('', 'v'), { maxKeys: 3 }),
      at: fc.constantFrom(null, '2026-01-31T08:00:00Z'),
      color: fc.constantFrom('red', 'green'),
    },
    { requiredKeys: ['to', 'subject'] },
  );

  it('accepts every valid input and returns all of it', () => {
    fc.assert(
      fc.property(letter, (input) => expect(validateInput(Letter, input)).toEqual({ ok: true, value: { ...input } })),
      { numRuns: 300 },
    );
  });

  it('reports a value of a wrong type exactly where it is', () => {
    fc.assert(
      fc.property(letter, fc.nat(), fc.constantFrom(true, { x: 1 }, [[]]), (input, seed, wrong) => {
        const places = Object.keys(input).filter((name) => !['extra', 'notes', 'from'].includes(name));
        const name = places[seed % places.length] as string;
        const errors = errorsOf({ ...input, [name]: wrong });
        expect(errors.length).toBeGreaterThan(0);
        expect(errors.every(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('inputSchema of nested classes, lists and maps', () => {
  it('states what validateInput checks', () => {
    const { required, properties } = inputSchema(Letter, (type) => ({ $ref: `#/${type.name}` }));
    expect(required).toEqual(['to', 'subject']);
    expect(properties).toMatchObject({
      to: { type: 'array', minItems: 1, maxItems: 200, items: { $ref: '#/Person' } },
      from: { $ref: '#/Person' },
      copies: { type: 'integer', maximum: 9 },
      tags: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 5 } },
      notes: { type: 'object', maxProperties: 3, additionalProperties: { type: 'string', maxLength: 10 } },
      file: { type: 'string', format: 'byte' },
      at: { type: ['string', 'null'], format: 'date-time' },
      color: { enum: ['red', 'green'] },
      extra: { type: 'object' },
    });
    expect(properties['subject']).not.toHaveProperty('minLength');
    expect(() => inputSchema(Letter)).toThrow('needs a reference');
  });
});

/** The value that a JSON pointer names. */
function valueAt(input: unknown, pointer: string): unknown {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((value, part) => (value as Record<string, unknown>)[part], input);
}

import { type FieldError, isShown, jsonPointer, SettingsField, validateInput } from '@score-crm/adapter-kit';
import { IsOptional, IsString, Matches } from 'class-validator';
import { cpuTime } from '../../../test/support/cpu-time.ts';
import { ExampleSettings, VALID } from './settings-classes.ts';

function errorsOf(input: unknown, type: new () => object = ExampleSettings): readonly FieldError[] {
  const result = validateInput(type, input);
  return result.ok ? [] : result.errors;
}

/** The one error of the valid settings with something changed. */
function errorOf(change: object): FieldError | undefined {
  const errors = errorsOf({ ...VALID, ...change });
  expect(errors.length).toBeLessThanOrEqual(1);
  return errors[0];
}

describe('validateInput', () => {
  it('gives an instance of the class, with defaults for what is absent', () => {
    const result = validateInput(ExampleSettings, VALID);
    if (!result.ok) throw new Error(JSON.stringify(result.errors));
    expect(result.value).toBeInstanceOf(ExampleSettings);
    expect(Object.assign({}, result.value)).toEqual({
      ...VALID,
      port: 587,
      secure: true,
      authentication: 'password',
      mechanism: 'plain',
    });
  });

  it('leaves the input as it was', () => {
    const input = Object.freeze({ ...VALID, port: 'x' });
    errorsOf(input);
    expect(input).toEqual({ ...VALID, port: 'x' });
  });

  it.each([null, undefined, [], [VALID], 'text', '{}', 7, true, () => VALID])('refuses %p as settings', (input) => {
    expect(errorsOf(input)).toEqual([{ pointer: '', code: 'wrong_type', message: 'Send a JSON object.' }]);
  });

  it('reports every missing field', () => {
    expect(errorsOf({})).toEqual([
      { pointer: '/host', code: 'required', message: 'Host is required.' },
      { pointer: '/username', code: 'required', message: 'User name is required.' },
      { pointer: '/password', code: 'required', message: 'Password is required.' },
    ]);
  });

  describe('unknown fields', () => {
    const own = (json: string): unknown => JSON.parse(json);

    it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Host', 'host ', '', 'extra'])(
      'refuses %j',
      (name) => {
        const input = own(JSON.stringify({ ...VALID }).replace('{', `{${JSON.stringify(name)}:{"host":"evil"},`));
        const errors = errorsOf(input);
        expect(errors).toHaveLength(1);
        expect(errors[0]).toEqual(
          name === '__proto__'
            ? {
                pointer: '/__proto__',
                code: 'not_allowed',
                message: 'The name __proto__ is not allowed. Use another name.',
              }
            : {
                pointer: `/${name}`,
                code: 'unknown_field',
                message:
                  'Unknown field. Allowed fields: host, port, secure, authentication, username, password, mechanism, certificate, url, connections, note.',
              },
        );
      },
    );

    it('does not take fields from the prototype of the input', () => {
      expect(errorsOf(Object.create(VALID)).map((error) => error.pointer)).toEqual(['/host', '/username', '/password']);
    });

    it('pollutes no prototype', () => {
      validateInput(ExampleSettings, own('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    });

    it('escapes the pointer', () => {
      expect(errorOf({ 'a/b~c': 1 })?.pointer).toBe('/a~1b~0c');
    });

    it('reports 100 faults at most, those of the declared fields first', () => {
      const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`unknown${String(index)}`, 1]));
      const errors = errorsOf({ ...many, port: 'x' });
      expect(errors).toHaveLength(100);
      expect(errors.slice(0, 4).map((error) => error.pointer)).toEqual(['/host', '/port', '/username', '/password']);
    });
  });

  describe('types', () => {
    it.each([
      ['port', '587', 'Port must be a whole number.'],
      ['port', 587.5, 'Port must be a whole number.'],
      ['port', Number.NaN, 'Port must be a whole number.'],
      ['port', 2 ** 53, 'Port must be a whole number.'],
      ['port', true, 'Port must be a whole number.'],
      ['port', [587], 'Port must be a whole number.'],
      ['port', { $gt: 0 }, 'Port must be a whole number.'],
      ['secure', 'true', 'Encrypted must be true or false.'],
      ['secure', 1, 'Encrypted must be true or false.'],
      ['host', 7, 'Host must be text.'],
      ['host', ['smtp.example.com'], 'Host must be text.'],
      ['host', { toString: 'smtp.example.com' }, 'Host must be text.'],
      ['host', new String('smtp.example.com'), 'Host must be text.'],
      ['authentication', ['password'], 'Authentication must be text.'],
      ['url', {}, 'Base URL must be text.'],
    ])('refuses %s: %j', (name, value, message) => {
      expect(errorOf({ [name]: value })).toEqual({ pointer: `/${name}`, code: 'wrong_type', message });
    });
  });

  describe('null', () => {
    it('is a missing field where the field is required', () => {
      expect(errorOf({ host: null })).toMatchObject({ pointer: '/host', code: 'required' });
    });

    it('is the default, or nothing, where it is not', () => {
      const result = validateInput(ExampleSettings, { ...VALID, port: null, certificate: null });
      expect(result).toMatchObject({ ok: true, value: { port: 587 } });
      expect(result.ok && 'certificate' in result.value).toBe(false);
    });

    it('is nothing for a field that does not apply', () => {
      const input = { host: 'smtp.example.com', authentication: 'none', username: null, password: null };
      expect(errorsOf(input)).toEqual([]);
    });
  });

  describe('rules', () => {
    it.each<[string, unknown, string, string]>([
      ['port', 70_000, 'out_of_range', 'Port must be a whole number from 1 to 65535.'],
      ['port', 0, 'out_of_range', 'Port must be a whole number from 1 to 65535.'],
      ['connections', 0, 'out_of_range', 'Connections must be a whole number of at least 1.'],
      ['authentication', 'oauth', 'not_an_option', 'Authentication must be one of "password", "none".'],
      ['mechanism', 'cram', 'not_an_option', 'Mechanism must be one of "plain", "login".'],
      ['username', 'x'.repeat(21), 'too_long', 'User name is too long. Enter at most 20 characters.'],
      ['username', '', 'required', 'User name is required.'],
      ['host', '', 'required', 'Host is required.'],
      ['password', 'abc', 'too_short', 'Password is too short. Enter at least 4 characters.'],
      [
        'host',
        'https://smtp.example.com',
        'invalid',
        'Host must be a host name or an IP address alone, without a scheme, a port or a path.',
      ],
      ['note', '', 'too_short', 'Note is too short. Enter at least one character, or leave the field out.'],
      ['url', 'nonsense', 'invalid', 'Base URL must be a URL address.'],
    ])('refuses %s: %j as %s', (name, value, code, message) => {
      // A host that is wrong must not hide behind `not_applicable` errors of the fields that it does not decide.
      expect(errorsOf({ ...VALID, [name]: value })).toEqual([{ pointer: `/${name}`, code, message }]);
    });

    it('words a rule of the vendor’s own without garbling it', () => {
      class Own {
        @SettingsField({ label: 'Key' })
        @Matches(/^SG\./, { message: 'The key must start with SG. and be a key of the kind “Full access”' })
        key!: string;

        @SettingsField({ label: 'Region' })
        @IsOptional()
        @Matches(/^eu$/)
        a?: string;
      }
      expect(errorsOf({ key: 'x', a: 'a' }, Own).map((error) => error.message)).toEqual([
        'The key must start with SG. and be a key of the kind “Full access”.',
        'Region must match /^eu$/ regular expression.',
      ]);
    });

    it('accepts every option and every edge', () => {
      for (const change of [{ port: 1 }, { port: 65_535 }, { mechanism: 'login' }, { username: '😀'.repeat(20) }]) {
        expect(errorsOf({ ...VALID, ...change })).toEqual([]);
      }
    });

    it('gives one error for each field', () => {
      const errors = errorsOf({ host: '\0'.repeat(5000), port: -1.5, username: '\n', password: '\n', url: '\n' });
      const pointers = errors.map((error) => error.pointer);
      expect(pointers).toEqual(['/host', '/port', '/username', '/password', '/url']);
    });
  });

  describe('fields that do not apply', () => {
    const WITHOUT = { host: 'smtp.example.com', authentication: 'none' };

    it('are refused', () => {
      expect(errorsOf({ ...WITHOUT, password: 'left over' })).toEqual([
        {
          pointer: '/password',
          code: 'not_applicable',
          message: 'Password only applies when Authentication is "password". Remove it, or change Authentication.',
        },
      ]);
    });

    it('have no default either', () => {
      const result = validateInput(ExampleSettings, WITHOUT);
      expect(result).toMatchObject({ ok: true });
      expect(result.ok && Object.keys(result.value)).toEqual(['port', 'secure', 'authentication', 'host']);
    });

    it('are not reported while what decides about them is wrong itself', () => {
      expect(errorOf({ authentication: 'pasword' })).toMatchObject({ pointer: '/authentication' });
    });

    class Chain {
      @SettingsField({ label: 'Third', showIf: { field: 'second', in: ['on'] } })
      @IsOptional()
      third?: string;

      @SettingsField({ label: 'Second', showIf: { field: 'first', in: [true] } })
      second: string = 'on';

      @SettingsField({ label: 'First' })
      first: boolean = false;
    }

    it('take along the fields that hang on them, whatever the order of declaration', () => {
      const errors = errorsOf({ third: 'x' }, Chain);
      expect(errors.map((error) => `${error.pointer} ${error.code}`)).toEqual(['/third not_applicable']);
      const result = validateInput(Chain, {});
      expect(result.ok && Object.assign({}, result.value)).toEqual({ first: false });
      expect(errorsOf({ first: true, third: 'x' }, Chain)).toEqual([]);
    });

    it('are not reported either if they hang on such', () => {
      expect(errorsOf({ first: 'yes', second: 'on', third: 'x' }, Chain).map((error) => error.pointer)).toEqual([
        '/first',
      ]);
    });
  });

  describe('characters', () => {
    it.each(['\r', '\n', '\r\nRCPT TO:<a@b.c>', '\0', '\t', '\x1b[2J', '\x7f', '\x85', '\u2028', '\u2029'])(
      'refuses %j in text of one line',
      (characters) => {
        expect(errorOf({ username: `a${characters.slice(0, 5)}b` })).toEqual({
          pointer: '/username',
          code: 'control_character',
          message: 'User name contains a line break or another control character. Remove it.',
        });
      },
    );

    it('accepts line breaks and tabs in text of several', () => {
      expect(errorsOf({ ...VALID, certificate: 'a\r\nb\n\tc' })).toEqual([]);
    });

    it.each(['\0', '\x1b', '\x7f', '\x85'])('refuses %j there too', (character) => {
      expect(errorOf({ certificate: character })).toMatchObject({
        code: 'control_character',
        message: 'Certificate contains a control character. Remove it.',
      });
    });

    it.each(['\ud800', 'a\udc00', '\udc00\ud800', '😀\ud83d'])('refuses the lone surrogate in %j', (text) => {
      expect(errorOf({ username: text })).toMatchObject({
        code: 'invalid',
        message: 'User name contains an incomplete character. Enter it again.',
      });
    });

    it('accepts any other text', () => {
      expect(errorsOf({ ...VALID, username: 'Ünï çødé 😀 "\'\\<>&' })).toEqual([]);
    });
  });

  describe('hostile sizes', () => {
    it('is quick with nesting of any depth', () => {
      const deep = JSON.parse(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`) as unknown;
      expect(cpuTime(() => expect(errorOf({ host: deep })?.code).toBe('wrong_type'))).toBeLessThan(500);
    });

    it('is quick with long text, and runs no rule of the vendor on it', () => {
      class Slow {
        @SettingsField({ label: 'Text' })
        @IsString()
        @Matches(/^(a+)+$/)
        text!: string;
      }
      const long = `${'a'.repeat(10_000_000)}!`;
      expect(cpuTime(() => expect(errorsOf({ text: long }, Slow)[0]?.code).toBe('too_long'))).toBeLessThan(500);
    });

    it('is quick with many members', () => {
      const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`unknown${String(index)}`, 1]));
      expect(cpuTime(() => errorsOf(many))).toBeLessThan(500);
    });
  });

  it('accepts a class without a single rule of class-validator', () => {
    class Bare {
      @SettingsField({ label: 'Key' })
      key!: string;
    }
    expect(errorsOf({ key: 'x' }, Bare)).toEqual([]);
    expect(errorsOf({}, Bare)[0]?.code).toBe('required');
  });
});

describe('isShown', () => {
  const field = { name: 'b', label: 'B', type: 'string', showIf: { field: 'a', in: ['x', 1, false] } } as const;

  it.each([
    [{ a: 'x' }, true],
    [{ a: 1 }, true],
    [{ a: false }, true],
    [{ a: '1' }, false],
    [{}, false],
  ])('is decided by the other field: %j', (values, shown) => {
    expect(isShown(field, values)).toBe(shown);
  });
});

describe('jsonPointer', () => {
  it.each([
    [[], ''],
    [['to', 0, 'email'], '/to/0/email'],
    [['~', '/', '~1'], '/~0/~1/~01'],
    [[''], '/'],
  ])('writes %j as %j', (path, pointer) => {
    expect(jsonPointer(...path)).toBe(pointer);
  });
});

import { describeFields, type DescribedField, SettingsField, inputSchema, validateInput } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Length, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { ExampleSettings, VALID } from './settings-classes.ts';

function field(name: string, type: new () => object = ExampleSettings): DescribedField {
  const found = describeFields(type).find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no field ${name}.`);
  return found;
}

describe('describeFields', () => {
  it('says everything that a form needs', () => {
    expect(field('host')).toEqual({
      name: 'host',
      type: 'string',
      label: 'Host',
      help: 'The mail server.',
      group: 'Server',
      bindsSecret: true,
      required: true,
      schema: { type: 'string', title: 'Host', description: 'The mail server.', minLength: 1, maxLength: 4096 },
    });
  });

  it.each([
    ['port', { type: 'integer', title: 'Port', default: 587, minimum: 1, maximum: 65_535 }],
    ['secure', { type: 'boolean', title: 'Encrypted', default: true }],
    ['authentication', { type: 'string', title: 'Authentication', default: 'password', enum: ['password', 'none'] }],
    ['username', { type: 'string', title: 'User name', minLength: 1, maxLength: 20 }],
    [
      'password',
      { type: 'string', title: 'Password', minLength: 4, maxLength: 4096, writeOnly: true, format: 'password' },
    ],
    ['mechanism', { type: 'string', title: 'Mechanism', default: 'plain', enum: ['plain', 'login'] }],
    ['certificate', { type: 'string', title: 'Certificate', maxLength: 65_536 }],
    ['connections', { type: 'integer', title: 'Connections', minimum: 1 }],
  ])('gives the schema of %s', (name, schema) => {
    expect(field(name).schema).toEqual(schema);
  });

  it.each([
    ['host', true],
    ['port', false],
    ['secure', false],
    ['username', true],
    ['password', true],
    ['mechanism', false],
    ['certificate', false],
    ['url', false],
  ])('tells whether %s must be given while it is shown', (name, required) => {
    expect(field(name).required).toBe(required);
  });

  class Conditional {
    @SettingsField({ label: 'Own server' })
    own: boolean = false;

    @SettingsField({ label: 'Shown and conditional', showIf: { field: 'own', in: [true] } })
    @ValidateIf((settings: Conditional) => settings.own)
    @IsNotEmpty()
    shown?: string;

    @SettingsField({ label: 'Conditional' })
    @ValidateIf((settings: Conditional) => settings.own)
    @IsNotEmpty()
    sometimes?: string;

    @SettingsField({ label: 'Bare' })
    bare!: string;

    @SettingsField({ label: 'Optional' })
    @IsOptional()
    @ValidateIf((settings: Conditional) => settings.own)
    @IsString()
    optional?: string;
  }

  it.each([
    ['shown', true],
    ['sometimes', false],
    ['bare', true],
    ['optional', false],
  ])('takes @ValidateIf into account for %s', (name, required) => {
    expect(field(name, Conditional).required).toBe(required);
  });

  it('demands what it says is required, and no more', () => {
    const codes = (input: object): object => {
      const result = validateInput(Conditional, input);
      return result.ok ? [] : result.errors.map((error) => `${error.pointer} ${error.code}`);
    };
    expect(codes({})).toEqual(['/bare required']);
    expect(codes({ bare: 'x', own: true })).toEqual(['/shown required', '/sometimes required']);
    expect(codes({ bare: 'x', own: true, shown: 'x', sometimes: 'x' })).toEqual([]);
  });

  it('reads @Length, and lets @IsNotEmpty undo no longer minimum', () => {
    class Lengths {
      @SettingsField({ label: 'A' })
      @Length(3, 9)
      a!: string;

      @SettingsField({ label: 'B' })
      @MinLength(8)
      @IsNotEmpty()
      @MaxLength(9)
      b!: string;

      @SettingsField({ label: 'C' })
      @IsIn(['x'])
      c!: string;
    }
    expect(field('a', Lengths).schema).toMatchObject({ minLength: 3, maxLength: 9 });
    expect(field('b', Lengths).schema).toMatchObject({ minLength: 8, maxLength: 9 });
    expect(field('c', Lengths).schema).toEqual({ type: 'string', title: 'C', enum: ['x'] });
  });

  it('reads the rules that a class inherits', () => {
    class Derived extends ExampleSettings {}
    expect(describeFields(Derived)).toEqual(describeFields(ExampleSettings));
  });
});

describe('inputSchema', () => {
  const schema = inputSchema(ExampleSettings);

  it('is closed', () => {
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('requires neither what has a default, nor what is optional, nor what is only shown sometimes', () => {
    expect(schema.required).toEqual(['host']);
  });

  it('has a property for each field, in order', () => {
    expect(Object.keys(schema.properties)).toEqual(describeFields(ExampleSettings).map((each) => each.name));
  });

  it('can be serialised', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it('agrees with the validation about every text length that it states', () => {
    for (const { name, schema: each } of describeFields(ExampleSettings)) {
      if (each.type !== 'string' || each.maxLength === undefined || name === 'url' || name === 'host') continue;
      const accepted = (length: number): boolean =>
        validateInput(ExampleSettings, { ...VALID, [name]: 'x'.repeat(length) }).ok;
      expect([name, accepted(each.maxLength), accepted(each.maxLength + 1)]).toEqual([name, true, false]);
      if (each.minLength !== undefined) {
        expect([name, accepted(each.minLength), accepted(each.minLength - 1)]).toEqual([name, true, false]);
      }
    }
  });
});

import 'reflect-metadata';
import { declaredFields, SettingsField } from '@score-crm/adapter-kit';

const names = (type: { prototype: object }): string[] => declaredFields(type).map((field) => field.name);

class Base {
  @SettingsField({ label: 'First' })
  first!: string;

  @SettingsField({ label: 'Second', help: 'Helps.' })
  second!: number;
}

describe('@SettingsField', () => {
  it('declares fields in their order, with the type of the property', () => {
    expect(declaredFields(Base)).toEqual([
      { name: 'first', type: 'string', label: 'First' },
      { name: 'second', type: 'integer', label: 'Second', help: 'Helps.' },
    ]);
  });

  it('sees through what may be absent and through literals', () => {
    class Literals {
      @SettingsField({ label: 'Region' })
      region?: 'eu' | 'us';

      @SettingsField({ label: 'Level' })
      level?: 1 | 2;

      @SettingsField({ label: 'On' })
      on?: true;
    }
    expect(declaredFields(Literals).map((field) => field.type)).toEqual(['string', 'integer', 'boolean']);
  });

  it('passes fields on to classes that extend it, and none back', () => {
    class Derived extends Base {
      @SettingsField({ label: 'Third' })
      third!: boolean;
    }
    expect(names(Derived)).toEqual(['first', 'second', 'third']);
    expect(names(Base)).toEqual(['first', 'second']);
  });

  it('lets a class that extends another redeclare a field in its place', () => {
    class Derived extends Base {
      @SettingsField({ label: 'Other' })
      declare first: string;
    }
    expect(names(Derived)).toEqual(['first', 'second']);
    expect(declaredFields(Derived)[0]?.label).toBe('Other');
    expect(declaredFields(Base)[0]?.label).toBe('First');
  });

  it('finds fields that a second copy of the package declared', () => {
    class Foreign {}
    const field = { name: 'key', type: 'string', label: 'Key' };
    Reflect.defineMetadata(Symbol.for('@score-crm/adapter-kit:settings-fields'), [field], Foreign.prototype);
    expect(declaredFields(Foreign)).toEqual([field]);
  });

  it('has no fields for a class that declares none', () => {
    expect(declaredFields(class Plain {})).toEqual([]);
  });

  it.each([Object, Array, Date, undefined, BigInt, Symbol])('refuses a property of the type %p', (type) => {
    const target = {};
    Reflect.defineMetadata('design:type', type, target, 'field');
    expect(() => SettingsField({ label: 'Field' })(target, 'field')).toThrow(
      '@SettingsField: field must be declared as string, number or boolean.',
    );
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'a b', 'a/b', '1st', '', Symbol('field')])(
    'refuses the name %p',
    (name) => {
      const target = {};
      Reflect.defineMetadata('design:type', String, target, name);
      expect(() => SettingsField({ label: 'Field' })(target, name)).toThrow('is not a valid field name');
    },
  );

  it.each([{ secret: true }, { multiline: true }, { options: [] }])('refuses %j for what is not text', (options) => {
    const target = {};
    Reflect.defineMetadata('design:type', Number, target, 'field');
    expect(() => SettingsField({ label: 'Field', ...options })(target, 'field')).toThrow('must be declared as string');
  });

  it.each(['missing', 'field'])('refuses a showIf on %s, which is no other field', (other) => {
    class Wrong {
      @SettingsField({ label: 'Field', showIf: { field: other, in: [true] } })
      field?: string;
    }
    expect(() => declaredFields(Wrong)).toThrow(`@SettingsField: field has a showIf on ${other}`);
  });
});

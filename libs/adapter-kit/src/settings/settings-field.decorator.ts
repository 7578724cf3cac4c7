import type { Type } from '@nestjs/common';
import {
  declareField,
  type Field,
  fieldsOf,
  scalarTypeOf,
  type SettingsOption,
  type ShowIf,
} from '../validation/fields.ts';
import { isAlwaysNeeded, type Keywords, memberSchema, rulesOf } from '../validation/rules.ts';

/** How a field is shown and kept. What it must look like is declared by class-validator's decorators beside it. */
export interface SettingsFieldOptions {
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  /** The heading above the field in a form. */
  readonly group?: string;
  /** Hidden in the form until a person opens the advanced settings. */
  readonly advanced?: boolean;
  /** Encrypted before it is stored, never returned. */
  readonly secret?: boolean;
  /** A secret that only checks what comes in, such as a webhook's signing key: it is sent nowhere, so nothing binds it. */
  readonly inboundOnly?: boolean;
  /** A secret that the service creates: if it is left out, a random one is stored with the connection. */
  readonly generated?: boolean;
  /** Decides where the secrets are sent: when it changes, they must be entered again. */
  readonly bindsSecret?: boolean;
  /** The field exists only while another field has one of these values. */
  readonly showIf?: ShowIf;
  readonly options?: readonly SettingsOption[];
  /** Text of several lines, such as a certificate. Any other text is refused if it contains a line break or control character. */
  readonly multiline?: boolean;
}

export type SettingsFieldType = 'string' | 'integer' | 'boolean';

export interface DeclaredField extends SettingsFieldOptions {
  readonly name: string;
  readonly type: SettingsFieldType;
}

const NAME = /^[a-z][a-z0-9_]*$/i;

/**
 * Declares a property as a settings field. Its type is the property's own: string, number (an integer) or boolean. Write
 * a union of literals out and without `undefined` (`region?: 'eu' | 'us'`): not every compiler resolves more.
 * @throws TypeError at load time for a declaration that cannot work.
 */
export function SettingsField(options: SettingsFieldOptions): PropertyDecorator {
  return (target, property) => {
    const type = scalarTypeOf(target, property);
    if (typeof property !== 'string' || !NAME.test(property) || property in Object.prototype) {
      throw fault(property, 'is not a valid field name. Use letters, digits and _, a letter first.');
    }
    if (type === undefined) throw fault(property, 'must be declared as string, number or boolean.');
    if (type !== 'string' && (options.secret === true || options.multiline === true || options.options !== undefined)) {
      throw fault(property, 'must be declared as string to have secret, multiline or options.');
    }
    if (options.generated === true && (options.secret !== true || options.inboundOnly !== true)) {
      throw fault(
        property,
        'must be secret and inboundOnly to be generated: only the vendor can issue an outbound secret.',
      );
    }
    declareField(target, { ...options, name: property, type });
  };
}

/**
 * The fields of a settings class, in the order of their declaration, those of its base class first.
 * @throws TypeError if a `showIf` names a field that does not exist.
 */
export function declaredFields(settings: { readonly prototype: object }): readonly DeclaredField[] {
  const fields = fieldsOf(settings) as readonly (Field & DeclaredField)[];
  const names = new Set(fields.map((field) => field.name));
  for (const { name, showIf } of fields) {
    if (showIf !== undefined && (showIf.field === name || !names.has(showIf.field))) {
      throw fault(name, `has a showIf on ${showIf.field}, which is not another field.`);
    }
  }
  return fields;
}

/** Returns the values of the secret fields of an instance of a settings class: what to remove from texts of the vendor. */
export function secretValues(settings: object): readonly string[] {
  const values = settings as Readonly<Record<string, unknown>>;
  return declaredFields(settings.constructor).flatMap(({ name, secret }) => {
    const value = secret === true ? values[name] : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

function fault(property: string | symbol, what: string): TypeError {
  return new TypeError(`@SettingsField: ${String(property)} ${what}`);
}

/** The JSON Schema (2020-12, as OpenAPI 3.1 uses it) of one settings field. */
export interface FieldSchema extends Omit<Keywords, 'format'> {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly title: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly writeOnly?: true;
  readonly format?: 'password' | 'idn-email';
}

/** A field with everything that a form needs. */
export interface DescribedField extends DeclaredField {
  /** Whether it must be given while it is shown. */
  readonly required: boolean;
  readonly schema: FieldSchema;
}

/** The fields of a settings class with their validation, read from the decorators of class-validator. */
export function describeFields(type: Type): readonly DescribedField[] {
  const defaults = new type() as Record<string, unknown>;
  const rules = new Map(rulesOf(type as Type<object>).fields.map((each) => [each.field.name, each]));
  return declaredFields(type).flatMap((field) => {
    const own = rules.get(field.name);
    if (own === undefined) return [];
    const initial = defaults[field.name];
    const schema = { ...memberSchema(own), ...(initial === undefined ? {} : { default: initial }) } as FieldSchema;
    return [{ ...field, required: initial === undefined && isAlwaysNeeded(own), schema }];
  });
}

/** Settings of a well-known account, to be filled into the form; no secrets. */
export interface SettingsPreset {
  readonly key: string;
  readonly label: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** What a person must know: where the password comes from, say. */
  readonly note?: string;
  /** Optional fields that this preset requires, and that only the user can fill in. */
  readonly needs?: readonly string[];
}

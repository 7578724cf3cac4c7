import type { Type } from '@nestjs/common';
import { type FieldRules, type Keywords, rulesOf } from './field-rules.ts';
import { type DeclaredField, declaredFields } from './settings-field.decorator.ts';

/** The JSON Schema (2020-12, as OpenAPI 3.1 has it) of one field. */
export interface FieldSchema extends Omit<Keywords, 'format'> {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly title: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly writeOnly?: true;
  readonly format?: 'password' | 'idn-email';
}

export interface SettingsSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, FieldSchema>>;
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
  return declaredFields(type).map((field) => {
    const rules = rulesOf(type, field);
    const initial = defaults[field.name];
    return {
      ...field,
      required: initial === undefined && isAlwaysNeeded(field, rules),
      schema: fieldSchema(field, rules, initial),
    };
  });
}

/** The schema of a settings object: what a create call takes. A field that is only shown sometimes is not required. */
export function settingsSchema(type: Type): SettingsSchema {
  const fields = describeFields(type);
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter((field) => field.required && field.showIf === undefined).map((field) => field.name),
    properties: Object.fromEntries(fields.map((field) => [field.name, field.schema])),
  };
}

/** A `@ValidateIf` beside a `showIf` is taken to say the same; one alone makes a field required only sometimes. */
function isAlwaysNeeded(field: DeclaredField, rules: FieldRules): boolean {
  return !rules.optional && (rules.conditions.length === 0 || field.showIf !== undefined);
}

function fieldSchema(field: DeclaredField, rules: FieldRules, initial: unknown): FieldSchema {
  const filled = field.type === 'string' && rules.keywords.enum === undefined && isAlwaysNeeded(field, rules);
  return {
    type: field.type,
    title: field.label,
    ...(field.help === undefined ? {} : { description: field.help }),
    ...(initial === undefined ? {} : { default: initial }),
    ...(filled ? { minLength: 1 } : {}),
    ...rules.keywords,
    ...(field.secret === true ? { writeOnly: true, format: 'password' } : {}),
  };
}

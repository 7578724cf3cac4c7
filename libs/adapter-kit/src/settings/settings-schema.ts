import type { Type } from '@nestjs/common';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { type DeclaredField, declaredFields } from './settings-field.decorator.ts';

/** The JSON Schema (2020-12, as OpenAPI 3.1 has it) of one field. */
export interface FieldSchema {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly title: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  readonly writeOnly?: true;
  readonly format?: 'password';
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
    const rules = rulesOf(type, field.name);
    return {
      ...field,
      required: !rules.optional && defaults[field.name] === undefined,
      schema: fieldSchema(field, rules, defaults[field.name]),
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

interface Rules {
  readonly optional: boolean;
  readonly keywords: Partial<FieldSchema>;
}

// class-validator's own names of its decorators, and the keyword that says the same.
const KEYWORDS = new Map<string, (argument: unknown) => Partial<FieldSchema>>([
  ['min', (minimum) => ({ minimum: minimum as number })],
  ['max', (maximum) => ({ maximum: maximum as number })],
  ['minLength', (minLength) => ({ minLength: minLength as number })],
  ['maxLength', (maxLength) => ({ maxLength: maxLength as number })],
  ['isNotEmpty', () => ({ minLength: 1 })],
  ['isIn', (values) => ({ enum: values as readonly unknown[] })],
]);

function rulesOf(type: Type, property: string): Rules {
  const all = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  let optional = false;
  let keywords: Partial<FieldSchema> = {};
  for (const rule of all) {
    if (rule.propertyName !== property) continue;
    if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION) optional = true;
    const keyword = KEYWORDS.get(rule.name ?? rule.type);
    if (keyword !== undefined) keywords = { ...keywords, ...keyword((rule.constraints as unknown[] | undefined)?.[0]) };
  }
  return { optional, keywords };
}

function fieldSchema(field: DeclaredField, rules: Rules, initial: unknown): FieldSchema {
  const keywords = field.type === 'string' ? rules.keywords : omitLength(rules.keywords);
  return {
    type: field.type,
    title: field.label,
    ...(field.help === undefined ? {} : { description: field.help }),
    ...(initial === undefined ? {} : { default: initial }),
    ...keywords,
    ...(field.secret === true ? { writeOnly: true, format: 'password' } : {}),
  };
}

function omitLength(keywords: Partial<FieldSchema>): Partial<FieldSchema> {
  const { minLength: _min, maxLength: _max, ...rest } = keywords;
  return rest;
}

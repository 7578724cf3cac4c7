import type { Type } from '@nestjs/common';
import { memberSchema } from '../validation/input-schema.ts';
import { isAlwaysNeeded, type Keywords, rulesOf } from '../validation/rules.ts';
import { type DeclaredField, declaredFields } from './settings-field.decorator.ts';

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

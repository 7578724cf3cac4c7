import type { Type } from '@nestjs/common';
import { type FieldRules, isAlwaysNeeded, type Keywords, rulesOf } from './rules.ts';

/** The JSON Schema (2020-12, as OpenAPI 3.1 uses it) of one member. */
export interface MemberSchema extends Omit<Keywords, 'format'> {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly writeOnly?: true;
  readonly format?: string;
  readonly items?: MemberSchema;
  readonly additionalProperties?: boolean | MemberSchema;
  readonly maxProperties?: number;
}

export interface InputSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, MemberSchema>>;
}

/** Refers to the schema of a class, e.g. `{ $ref: '#/components/schemas/Mailbox' }`. */
export type Reference = (type: Type<object>) => { readonly $ref: string };

const TYPES = { string: 'string', integer: 'integer', boolean: 'boolean', object: 'object' } as const;

/**
 * The schema of what `validateInput` accepts for a class, from the same decorators. A field with a default, or with a
 * `showIf`, is not required.
 * @param reference for classes whose members are objects of other classes
 */
export function inputSchema(type: Type<object>, reference?: Reference): InputSchema {
  const defaults = new type() as Record<string, unknown>;
  const { fields } = rulesOf(type);
  const isRequired = (rules: FieldRules): boolean => {
    return defaults[rules.field.name] === undefined && isAlwaysNeeded(rules) && rules.field.showIf === undefined;
  };
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter(isRequired).map(({ field }) => field.name),
    properties: Object.fromEntries(
      fields.map((rules) => {
        const { name } = rules.field;
        const initial = defaults[name];
        return [name, { ...memberSchema(rules, reference), ...(initial === undefined ? {} : { default: initial }) }];
      }),
    ),
  };
}

/** The schema of one member, without its default. */
export function memberSchema(rules: FieldRules, reference?: Reference): MemberSchema {
  const { label, help, example, secret, nullable } = rules.field;
  const shape = shapeOf(rules, reference);
  return {
    ...(nullable === true && typeof shape.type === 'string' ? { ...shape, type: [shape.type, 'null'] } : shape),
    title: label,
    ...(help === undefined ? {} : { description: help }),
    ...(example === undefined ? {} : { example }),
    ...(secret === true ? { writeOnly: true, format: 'password' } : {}),
  };
}

function shapeOf(rules: FieldRules, reference: Reference | undefined): MemberSchema {
  const { field, keywords, itemKeywords } = rules;
  if (field.type === 'bytes') return { type: 'string', format: 'byte' };
  if (field.type === 'time') return { type: 'string', format: 'date-time' };
  if (field.type === 'class') return referTo(rules, reference);
  if (field.type === 'list') {
    const items =
      field.of === undefined ? { type: 'string', minLength: 1, ...itemKeywords } : referTo(rules, reference);
    return { type: 'array', ...keywords, items };
  }
  if (field.type === 'map') {
    const { maxEntries, maxLength } = field.entries ?? {};
    const limit = maxEntries === undefined ? {} : { maxProperties: maxEntries };
    const text = { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) };
    return { type: 'object', ...limit, additionalProperties: text };
  }
  const isFilled =
    field.type === 'string' && field.mayBeEmpty !== true && keywords.enum === undefined && isAlwaysNeeded(rules);
  return { type: TYPES[field.type], ...(isFilled ? { minLength: 1 } : {}), ...keywords };
}

function referTo({ field }: FieldRules, reference: Reference | undefined): MemberSchema {
  if (reference === undefined || field.of === undefined) {
    throw new TypeError(`The schema of ${field.name} needs a reference to a class.`);
  }
  return reference(field.of());
}

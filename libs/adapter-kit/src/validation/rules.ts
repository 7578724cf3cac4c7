import type { Type } from '@nestjs/common';
import {
  getMetadataStorage,
  IS_OPTIONAL,
  type ValidationArguments,
  ValidationTypes,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { EMAIL_ADDRESS_SCHEMA } from '../addresses/email-address.ts';
import { type Field, fieldsOf } from './fields.ts';

/** What class-validator's decorators require of one field, as far as JSON Schema can express it too. */
export interface Keywords {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  /** `idn-email`: an email address, also in letters beyond ASCII. */
  readonly format?: 'idn-email' | 'uuid';
  readonly pattern?: string;
}

/** One decorator of class-validator. */
export interface Rule {
  readonly name: string;
  /** The code that the decorator's `context` names. */
  readonly code: string | undefined;
  holds(value: unknown, object: object): boolean;
  /** The decorator's message, with the label in place of the property's name. */
  message(value: unknown, object: object): string;
}

export interface FieldRules {
  readonly field: Field;
  readonly optional: boolean;
  /** Those of `@ValidateIf`. */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly rules: readonly Rule[];
  readonly keywords: Keywords;
  /** Those with `each: true`, for each item of a list. */
  readonly itemRules: readonly Rule[];
  readonly itemKeywords: Keywords;
}

export interface ClassRules {
  readonly type: Type<object>;
  readonly fields: readonly FieldRules[];
  readonly names: ReadonlySet<string>;
  readonly hasConditionalFields: boolean;
}

// Limits of what declares none: enough for a long token, for a chain of certificates, and for a list.
const MAX_LENGTH = 4096;
const MAX_MULTILINE_LENGTH = 65_536;
const MAX_ITEMS = 1_000;

// class-validator's own names of its decorators, and the keyword with the same meaning.
const KEYWORDS = new Map<string, (first: never, second: never) => Keywords>([
  ['min', (minimum: number) => ({ minimum })],
  ['max', (maximum: number) => ({ maximum })],
  ['minLength', (minLength: number) => ({ minLength })],
  ['maxLength', (maxLength: number) => ({ maxLength })],
  [
    'isLength',
    (minLength: number, maxLength?: number) => (maxLength === undefined ? { minLength } : { minLength, maxLength }),
  ],
  ['isNotEmpty', () => ({ minLength: 1 })],
  ['isEmailAddress', () => EMAIL_ADDRESS_SCHEMA],
  ['isUuid', () => ({ format: 'uuid' })],
  ['isIn', (values: readonly unknown[]) => ({ enum: values })],
  ['arrayMinSize', (minItems: number) => ({ minItems })],
  ['arrayMaxSize', (maxItems: number) => ({ maxItems })],
]);

const compiled = new WeakMap<object, ClassRules>();

/** The rules of a class. They are compiled once: decorators do not change after the class is loaded. */
export function rulesOf(type: Type<object>): ClassRules {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const fields = fieldsOf(type).map((field) => fieldRules(type, field));
  const rules = {
    type,
    fields,
    names: new Set(fields.map(({ field }) => field.name)),
    hasConditionalFields: fields.some(({ field }) => field.showIf !== undefined),
  };
  compiled.set(type, rules);
  return rules;
}

/** Whether a field is required while it is shown. A `@ValidateIf` beside a `showIf` is expected to have the same meaning. */
export function isAlwaysNeeded({ field, optional, conditions }: FieldRules): boolean {
  return !optional && (conditions.length === 0 || field.showIf !== undefined);
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

function fieldRules(type: Type<object>, field: Field): FieldRules {
  const conditions: FieldRules['conditions'][number][] = [];
  const [rules, itemRules]: [Rule[], Rule[]] = [[], []];
  let optional = false;
  let keywords: Keywords = field.options === undefined ? {} : { enum: field.options.map((option) => option.value) };
  let itemKeywords: Keywords = {};
  for (const metadata of getMetadataStorage().getTargetValidationMetadatas(type, '', true, false)) {
    if (metadata.propertyName !== field.name) continue;
    const [first, second] = (metadata.constraints ?? []) as [never, never];
    if (metadata.name === IS_OPTIONAL) {
      optional = true;
    } else if (metadata.type === ValidationTypes.CONDITIONAL_VALIDATION) {
      conditions.push(first);
    } else {
      const keyword = KEYWORDS.get(metadata.name ?? metadata.type)?.(first, second) ?? {};
      const rule = ruleOf(type, field, metadata);
      if (metadata.each) itemKeywords = merge(itemKeywords, keyword);
      else keywords = merge(keywords, keyword);
      if (rule !== undefined) (metadata.each ? itemRules : rules).push(rule);
    }
  }
  if (field.type === 'string') keywords = withMaxLength(field, keywords);
  if (field.type === 'list') keywords = { maxItems: MAX_ITEMS, ...keywords };
  if (field.type === 'list' && field.of === undefined) itemKeywords = withMaxLength(field, itemKeywords);
  return { field, optional, conditions, rules, keywords, itemRules, itemKeywords };
}

/** `@IsNotEmpty` must not undo a longer `@MinLength`. */
function merge(known: Keywords, more: Keywords): Keywords {
  const minLength = Math.max(known.minLength ?? 0, more.minLength ?? 0);
  return { ...known, ...more, ...(minLength === 0 ? {} : { minLength }) };
}

function withMaxLength(field: Field, keywords: Keywords): Keywords {
  if (keywords.enum !== undefined) return keywords;
  return { maxLength: field.multiline === true ? MAX_MULTILINE_LENGTH : MAX_LENGTH, ...keywords };
}

/** @returns undefined for a decorator that checks nothing by itself, such as `@Allow` */
function ruleOf(type: Type<object>, { label }: Field, metadata: Metadata): Rule | undefined {
  if (metadata.type !== ValidationTypes.CUSTOM_VALIDATION) return undefined;
  const [constraint] = getMetadataStorage().getTargetValidatorConstraints(metadata.constraintCls);
  if (constraint === undefined || constraint.async) {
    throw new TypeError(`${type.name}.${metadata.propertyName} has a rule that is asynchronous or not registered.`);
  }
  const { instance } = constraint;
  const { propertyName: property, validateIf } = metadata;
  const constraints = (metadata.constraints as unknown[] | undefined) ?? [];
  const argumentsOf = (value: unknown, object: object): ValidationArguments => {
    return { value, object, constraints, property, targetName: type.name };
  };
  return {
    name: metadata.name ?? constraint.name,
    code: codeOf(metadata.context),
    holds: (value, object) => {
      if (validateIf !== undefined && !validateIf(object, value)) return true;
      return instance.validate(value, argumentsOf(value, object)) === true;
    },
    message: (value, object) => wording(metadata.message, instance, argumentsOf(value, object), label),
  };
}

function codeOf(context: unknown): string | undefined {
  const { code } = (context ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function wording(
  message: Metadata['message'],
  instance: ValidatorConstraintInterface,
  given: ValidationArguments,
  label: string,
): string {
  const template = message || instance.defaultMessage?.(given) || '$property is not valid';
  const text = typeof template === 'function' ? template(given) : template;
  // A list has a pointer to each item that is at fault.
  const words = text.replace(/^each value in /, '').replace(/\$(?:constraint(\d+)|value|property|target)/g, token);
  return /[.!?]$/.test(words) ? words : `${words}.`;

  function token(name: string, index: string | undefined): string {
    if (index !== undefined) return String(given.constraints[Number(index) - 1]);
    if (name === '$property') return label;
    return name === '$value' ? String(given.value) : given.targetName;
  }
}

/** The JSON Schema (2020-12, as OpenAPI 3.1 uses it) of one member. */
export interface MemberSchema extends Omit<Keywords, 'format'> {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly anyOf?: readonly MemberSchema[];
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
    ...(nullable === true ? orNull(shape) : shape),
    title: label,
    ...(help === undefined ? {} : { description: help }),
    ...(example === undefined ? {} : { example }),
    ...(secret === true ? { writeOnly: true, format: 'password' } : {}),
  };
}

function orNull(shape: MemberSchema): MemberSchema {
  if (shape.$ref !== undefined) return { anyOf: [shape, { type: 'null' }] };
  return typeof shape.type === 'string' ? { ...shape, type: [shape.type, 'null'] } : shape;
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

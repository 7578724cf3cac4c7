import type { Type } from '@nestjs/common';
import { getMetadataStorage, IS_OPTIONAL, ValidationTypes } from 'class-validator';
import { EMAIL_ADDRESS_SCHEMA } from '../addresses/email-address.ts';
import type { DeclaredField } from './settings-field.decorator.ts';

/** What class-validator's decorators say of one field, as far as JSON Schema can say it too. */
export interface Keywords {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  /** `idn-email`: an email address, also in letters beyond ASCII. */
  readonly format?: 'idn-email';
  readonly pattern?: string;
}

export interface FieldRules {
  readonly optional: boolean;
  /** Those of `@ValidateIf`. */
  readonly conditions: readonly ((settings: object, value: unknown) => boolean)[];
  readonly keywords: Keywords;
}

// What an undeclared length may be: enough for a long token, or for a chain of certificates.
const MAX_LENGTH = 4096;
const MAX_MULTILINE_LENGTH = 65_536;

// class-validator's own names of its decorators, and the keyword that says the same.
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
  ['isIn', (values: readonly unknown[]) => ({ enum: values })],
]);

export function rulesOf(type: Type, field: DeclaredField): FieldRules {
  const conditions: FieldRules['conditions'][number][] = [];
  let optional = false;
  let keywords: Keywords = field.options === undefined ? {} : { enum: field.options.map((option) => option.value) };
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type, '', true, false)) {
    if (rule.propertyName !== field.name) continue;
    const [first, second] = (rule.constraints ?? []) as [never, never];
    if (rule.name === IS_OPTIONAL) optional = true;
    else if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION) conditions.push(first);
    else keywords = merge(keywords, KEYWORDS.get(rule.name ?? rule.type)?.(first, second) ?? {});
  }
  return { optional, conditions, keywords: field.type === 'string' ? lengths(field, keywords) : keywords };
}

/** `@IsNotEmpty` must not undo a longer `@MinLength`. */
function merge(known: Keywords, more: Keywords): Keywords {
  const minLength = Math.max(known.minLength ?? 0, more.minLength ?? 0);
  return { ...known, ...more, ...(minLength === 0 ? {} : { minLength }) };
}

function lengths(field: DeclaredField, keywords: Keywords): Keywords {
  if (keywords.enum !== undefined) return keywords;
  return { maxLength: field.multiline === true ? MAX_MULTILINE_LENGTH : MAX_LENGTH, ...keywords };
}

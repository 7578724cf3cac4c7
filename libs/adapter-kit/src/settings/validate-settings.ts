import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { type DeclaredField, declaredFields } from './settings-field.decorator.ts';

/** One fault of one field. */
export interface FieldError {
  /** JSON pointer (RFC 6901) relative to the settings, e.g. `/port`; empty for the settings as a whole. */
  readonly pointer: string;
  /** Stable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, `not_an_option`, `too_long`, `not_applicable` … */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

export type SettingsValidation<S> =
  { readonly ok: true; readonly value: S } | { readonly ok: false; readonly errors: readonly FieldError[] };

// In the order in which they are worth telling: one fault a field is shown.
const CODES: readonly (readonly [constraint: string, code: string])[] = [
  ['isDefined', 'required'],
  ['isNotEmpty', 'required'],
  ['isString', 'wrong_type'],
  ['isInt', 'wrong_type'],
  ['isBoolean', 'wrong_type'],
  ['isIn', 'not_an_option'],
  ['min', 'out_of_range'],
  ['max', 'out_of_range'],
  ['minLength', 'too_short'],
  ['maxLength', 'too_long'],
];

/**
 * Holds what somebody sent against the declared fields of a vendor. Only declared fields are accepted, and only while
 * their `showIf` holds; absent ones take the class's default. Nothing is converted.
 */
export function validateSettings<S extends object>(type: Type<S>, input: unknown): SettingsValidation<S> {
  if (!isPlainObject(input)) {
    return refuse('', 'wrong_type', 'The settings must be a JSON object of the vendor’s fields.');
  }
  const fields = new Map(declaredFields(type).map((field) => [field.name, field]));
  const errors: FieldError[] = [];
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const field = fields.get(name);
    if (field === undefined) {
      errors.push(unknownField(name, fields.keys()));
    } else if (value !== undefined) {
      given[name] = value;
    }
  }

  const settings = plainToInstance(type, given);
  const values = settings as Record<string, unknown>;
  for (const field of fields.values()) {
    if (isShown(field, values)) continue;
    if (field.name in given) errors.push(notApplicable(field));
    // A default of a field that does not apply is no setting either.
    delete values[field.name];
  }
  for (const fault of validateSync(settings, { forbidUnknownValues: true })) {
    const field = fields.get(fault.property);
    if (field === undefined || !isShown(field, values)) continue;
    errors.push(describeFault(field, fault));
  }
  for (const field of fields.values()) {
    const value = values[field.name];
    if (typeof value === 'string' && hasForbiddenCharacter(value, field) && !isNamed(errors, field)) {
      errors.push(forbiddenCharacter(field));
    }
  }
  return errors.length === 0 ? { ok: true, value: settings } : { ok: false, errors };
}

/** Whether a field exists, given the values of the others. */
export function isShown(field: DeclaredField, values: Readonly<Record<string, unknown>>): boolean {
  const condition = field.showIf;
  return condition === undefined || condition.in.includes(values[condition.field] as string | number | boolean);
}

/** The pointer of a member, escaped as RFC 6901 says. */
export function jsonPointer(...path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function isPlainObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function refuse(pointer: string, code: string, message: string): { ok: false; errors: FieldError[] } {
  return { ok: false, errors: [{ pointer, code, message }] };
}

function isNamed(errors: readonly FieldError[], field: DeclaredField): boolean {
  return errors.some((error) => error.pointer === jsonPointer(field.name));
}

function unknownField(name: string, known: Iterable<string>): FieldError {
  const message = `This vendor has no such field. Remove it; its fields are ${[...known].join(', ')}.`;
  return { pointer: jsonPointer(name), code: 'unknown_field', message };
}

function notApplicable(field: DeclaredField): FieldError {
  const condition = field.showIf;
  const wanted = condition?.in.map((value) => JSON.stringify(value)).join(' or ') ?? '';
  const message = `${field.label} only applies when ${condition?.field ?? ''} is ${wanted}. Remove it, or change ${condition?.field ?? ''}.`;
  return { pointer: jsonPointer(field.name), code: 'not_applicable', message };
}

function forbiddenCharacter(field: DeclaredField): FieldError {
  const message = `${field.label} holds a line break or another control character. Remove it.`;
  return { pointer: jsonPointer(field.name), code: 'control_character', message };
}

function hasForbiddenCharacter(value: string, field: DeclaredField): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return (field.multiline === true ? /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/ : /[\0-\x1f\x7f\u2028\u2029]/).test(value);
}

function describeFault(field: DeclaredField, fault: ValidationError): FieldError {
  const constraints = fault.constraints ?? {};
  const known = CODES.find(([constraint]) => constraint in constraints);
  const [constraint, code] = known ?? [Object.keys(constraints)[0] ?? '', 'invalid'];
  const absent = fault.value === undefined || fault.value === null || fault.value === '';
  if (absent) {
    return { pointer: jsonPointer(field.name), code: 'required', message: `${field.label} is required.` };
  }
  const message = (constraints[constraint] ?? 'is not valid').replace(fault.property, field.label);
  return { pointer: jsonPointer(field.name), code, message: `${message}.` };
}

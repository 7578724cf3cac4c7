import type { ValidationError } from 'class-validator';
import type { Keywords } from './field-rules.ts';
import type { DeclaredField } from './settings-field.decorator.ts';

/** One fault of one field. */
export interface FieldError {
  /** JSON pointer (RFC 6901) relative to the settings, e.g. `/port`; empty for the settings as a whole. */
  readonly pointer: string;
  /**
   * Stable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, `not_an_option`, `too_short`, `too_long`,
   * `control_character`, `not_applicable`, or `invalid` for any other rule of the vendor.
   */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The pointer of a member, escaped as RFC 6901 says. */
export function jsonPointer(...path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function notAnObject(): FieldError {
  return { pointer: '', code: 'wrong_type', message: 'Send a JSON object with the fields as its members.' };
}

export function unknownField(name: string, known: readonly DeclaredField[]): FieldError {
  const names = known.map((field) => field.name).join(', ');
  return fieldError(name, 'unknown_field', `There is no such field. Remove it; the fields are ${names}.`);
}

export function required(field: DeclaredField): FieldError {
  return fieldError(field.name, 'required', `${field.label} is required.`);
}

const TYPE_WORDS = { string: 'text', integer: 'a whole number', boolean: 'true or false' } as const;

export function wrongType(field: DeclaredField): FieldError {
  return fieldError(field.name, 'wrong_type', `${field.label} must be ${TYPE_WORDS[field.type]}.`);
}

export function controlCharacter(field: DeclaredField): FieldError {
  const what = field.multiline === true ? 'a control character' : 'a line break or another control character';
  return fieldError(field.name, 'control_character', `${field.label} holds ${what}. Remove it.`);
}

export function loneSurrogate(field: DeclaredField): FieldError {
  return fieldError(field.name, 'invalid', `${field.label} holds half a character. Enter it again.`);
}

export function tooLong(field: DeclaredField, maximum: number): FieldError {
  return fieldError(field.name, 'too_long', `${field.label} is too long. Enter at most ${count(maximum)}.`);
}

/** `controller` is the field that `showIf` looks at. */
export function notApplicable(field: DeclaredField, controller: DeclaredField | undefined): FieldError {
  const wanted = field.showIf?.in.map((value) => JSON.stringify(value)).join(' or ') ?? '';
  const other = controller?.label ?? '';
  const message = `${field.label} only applies when ${other} is ${wanted}. Remove it, or change ${other}.`;
  return fieldError(field.name, 'not_applicable', message);
}

const TOO_SHORT = ['isNotEmpty', 'minLength', 'isLength'];

/** The most telling of the rules that a field broke. */
export function brokenRule(field: DeclaredField, keywords: Keywords, fault: ValidationError): FieldError {
  const constraints = fault.constraints ?? {};
  if ('isIn' in constraints) return notAnOption(field, keywords.enum ?? []);
  if ('min' in constraints || 'max' in constraints) return outOfRange(field, keywords);
  if (TOO_SHORT.some((constraint) => constraint in constraints)) return tooShort(field, keywords, fault.value);
  return fieldError(field.name, 'invalid', sentence(field, Object.values(constraints)[0] ?? 'is not valid'));
}

export function notAnOption(field: DeclaredField, values: readonly unknown[]): FieldError {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return fieldError(field.name, 'not_an_option', `${field.label} must be one of ${list}.`);
}

function outOfRange(field: DeclaredField, { minimum, maximum }: Keywords): FieldError {
  let range = `from ${String(minimum)} to ${String(maximum)}`;
  if (minimum === undefined) range = `of at most ${String(maximum)}`;
  if (maximum === undefined) range = `of at least ${String(minimum)}`;
  return fieldError(field.name, 'out_of_range', `${field.label} must be a whole number ${range}.`);
}

/** Of a required field, empty text is `required`; whoever is asked here may as well leave it out. */
function tooShort(field: DeclaredField, { minLength = 1 }: Keywords, value: unknown): FieldError {
  const otherwise = value === '' ? ', or leave the field out' : '';
  const message = `${field.label} is too short. Enter at least ${count(minLength)}${otherwise}.`;
  return fieldError(field.name, 'too_short', message);
}

/** A rule's message starts with the property's name where its author did not word it otherwise. */
function sentence(field: DeclaredField, message: string): string {
  const words = message.startsWith(`${field.name} `) ? `${field.label}${message.slice(field.name.length)}` : message;
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

function count(characters: number): string {
  return characters === 1 ? 'one character' : `${String(characters)} characters`;
}

function fieldError(name: string, code: string, message: string): FieldError {
  return { pointer: jsonPointer(name), code, message };
}

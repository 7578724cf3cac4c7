import { controlCharacter, type FieldError, loneSurrogate, notAnOption, tooLong, wrongType } from './field-error.ts';
import type { Keywords } from './field-rules.ts';
import type { DeclaredField } from './settings-field.decorator.ts';

/**
 * What holds for a value whatever the vendor's own rules are. It comes before them, so that they only meet values of the
 * declared type and of a sensible size.
 */
export function checkValue(field: DeclaredField, keywords: Keywords, value: unknown): FieldError | undefined {
  if (!hasType(field, value)) return wrongType(field);
  if (typeof value !== 'string') return undefined;
  if (field.options !== undefined && !field.options.some((option) => option.value === value)) {
    return notAnOption(field, keywords.enum ?? []);
  }
  const { maxLength } = keywords;
  if (maxLength !== undefined && isLonger(value, maxLength)) return tooLong(field, maxLength);
  if (hasControlCharacter(field, value)) return controlCharacter(field);
  return /\p{Surrogate}/u.test(value) ? loneSurrogate(field) : undefined;
}

function hasType(field: DeclaredField, value: unknown): boolean {
  return field.type === 'integer' ? Number.isSafeInteger(value) : typeof value === field.type;
}

/** In characters, as JSON Schema counts; a character has at most two units. */
function isLonger(value: string, maximum: number): boolean {
  return value.length > maximum && (value.length > 2 * maximum || Array.from(value).length > maximum);
}

function hasControlCharacter(field: DeclaredField, value: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const forbidden = field.multiline === true ? /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/ : /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
  return forbidden.test(value);
}

import type { Type } from '@nestjs/common';
import { type FieldError, validateInput } from '@score-crm/adapter-kit';

export interface CheckedInput<T> {
  /** To be extended by the errors that only the caller can find. */
  readonly errors: FieldError[];
  /** The whole input if there are no errors, otherwise the fields that have none. */
  readonly valid: Partial<T>;
}

/** Checks an input so that further checks can add their errors: all are reported in one response. */
export function checkInput<T extends object>(type: Type<T>, input: unknown): CheckedInput<T> {
  const result = validateInput(type, input);
  return result.ok ? { errors: [], valid: result.value } : { errors: [...result.errors], valid: result.valid };
}

/** Whether a member of the input has an error, itself or in something that it contains. */
export function hasErrorAt(errors: readonly FieldError[], member: string): boolean {
  return errors.some(({ pointer }) => pointer === '' || pointer === member || pointer.startsWith(`${member}/`));
}

import type { FieldError } from '@score-crm/adapter-kit';
import { ConnectionsError } from '../errors/connections.error.ts';

const MAX_ERRORS = 100;
const MAX_POINTER = 500;

/** The input is not valid. `errors` lists up to 100 problems, with pointers relative to the whole input. */
export class InvalidInputError extends ConnectionsError {
  readonly code = 'invalid_input';
  /** A pointer is cut off after 500 characters, with `…`: it may contain a name that the sender made up. */
  override readonly errors: readonly FieldError[];
  /** Whether there may be more problems than `errors` lists. */
  readonly isIncomplete: boolean;

  constructor(errors: readonly FieldError[]) {
    const reported = errors.slice(0, MAX_ERRORS).map(withShortPointer);
    super(reported.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '));
    this.errors = reported;
    this.isIncomplete = errors.length >= MAX_ERRORS;
  }

  override get detail(): string {
    return this.isIncomplete
      ? `The input is not valid. The first ${String(this.errors.length)} problems are listed in errors.`
      : 'The input is not valid. Each problem is listed in errors.';
  }
}

function withShortPointer(error: FieldError): FieldError {
  const { pointer } = error;
  return pointer.length > MAX_POINTER
    ? { ...error, pointer: `${pointer.slice(0, MAX_POINTER).toWellFormed()}…` }
    : error;
}

/** The errors of a member of the input, with pointers relative to the whole. */
export function prefixPointers(member: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ ...error, pointer: member + error.pointer }));
}

import type { FieldError } from '@score-crm/adapter-kit';

const MAX_ERRORS = 100;
const MAX_POINTER = 500;

/** The input is not valid. Each fault is named, up to 100 of them. Pointers are relative to the whole input. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  /** A pointer is cut off after 500 characters, with `…`: it may contain a name that the sender made up. */
  readonly errors: readonly FieldError[];
  /** Whether there may be more faults than `errors` names. */
  readonly isIncomplete: boolean;

  constructor(errors: readonly FieldError[]) {
    const reported = errors.slice(0, MAX_ERRORS).map(withShortPointer);
    super(reported.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '));
    this.errors = reported;
    this.isIncomplete = errors.length >= MAX_ERRORS;
  }
}

function withShortPointer(error: FieldError): FieldError {
  const { pointer } = error;
  return pointer.length > MAX_POINTER
    ? { ...error, pointer: `${pointer.slice(0, MAX_POINTER).toWellFormed()}…` }
    : error;
}

/** There is no such connection in this organization. */
export class ConnectionNotFoundError extends Error {
  override readonly name = 'ConnectionNotFoundError';

  constructor() {
    super('There is no connection with this id.');
  }
}

/** Somebody changed the connection since the caller read it. */
export class VersionMismatchError extends Error {
  override readonly name = 'VersionMismatchError';

  constructor(readonly currentVersion: number) {
    super('The connection was changed meanwhile. Read it again, then repeat the change.');
  }
}

/** The faults of a member of the input, with pointers relative to the whole. */
export function prefixPointers(member: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ ...error, pointer: member + error.pointer }));
}

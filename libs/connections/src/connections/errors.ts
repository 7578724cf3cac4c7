import type { FieldError } from '@score-crm/adapter-kit';

/** What somebody sent is not right; every fault is named. Pointers are relative to the whole input. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';

  constructor(readonly errors: readonly FieldError[]) {
    super(errors.map((error) => `${error.pointer}: ${error.message}`).join(' '));
  }
}

/** There is no such connection in this organisation. */
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
export function within(member: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ ...error, pointer: member + error.pointer }));
}

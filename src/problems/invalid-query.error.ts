import type { ProblemFault } from './problem.ts';

/** A query parameter or header that cannot be read. */
export class InvalidQueryError extends Error {
  override readonly name = 'InvalidQueryError';
  readonly errors: readonly ProblemFault[];

  constructor(parameter: string, code: string, message: string) {
    super(`${parameter}: ${message}`);
    this.errors = [{ pointer: `/${parameter}`, code, message }];
  }
}

import type { FieldError } from '@score-crm/adapter-kit';
import { ConnectionsError } from './connections.error.ts';

/** A parameter of a query, such as `limit` or `cursor`, is not valid. `errors` has the problems, with pointers such as `/limit`. */
export class InvalidQueryError extends ConnectionsError {
  readonly code = 'invalid_query';
  override readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(errors.map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`).join(' '));
    this.errors = errors;
  }
}

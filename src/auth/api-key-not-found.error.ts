import { ServiceError } from '../problems/service.error.ts';

/** The organization has no API key with this id. */
export class ApiKeyNotFoundError extends ServiceError {
  readonly code = 'not_found';

  constructor() {
    super('API key not found. Check the id.');
  }
}

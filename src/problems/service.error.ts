import { ConnectionsError } from '@score-crm/connections';
import type { ErrorCodeName } from './error-codes.ts';

/** The base class of the errors that only the service has. Their codes are in `ERROR_CODES`. */
export abstract class ServiceError extends ConnectionsError<ErrorCodeName> {
  /** Headers of the response, besides `Retry-After`. */
  get headers(): Readonly<Record<string, string>> {
    return {};
  }
}

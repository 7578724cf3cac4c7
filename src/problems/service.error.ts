import { ConnectionsError } from '@score-crm/connections';
import type { ErrorCodeName } from './error-codes.ts';

/** The base class of the errors that only the service has. Their codes are in `ERROR_CODES`. */
export abstract class ServiceError extends ConnectionsError<ErrorCodeName> {
  /** Whether the connection is closed after the response, because the rest of the body is not worth waiting for. */
  readonly closesConnection: boolean = false;
}

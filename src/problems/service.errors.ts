import { ApiError } from '@score-crm/connections-http';
import type { ErrorCodeName } from './error-codes.ts';

/** The base class of the errors that only the service has. Their codes are in `ERROR_CODES`. */
export abstract class ServiceError extends ApiError<ErrorCodeName> {}

import type { ErrorCode } from '@score-crm/connections';
import { HTTP_ERROR_CODES } from '@score-crm/connections-http';

const RETRY_AFTER_S = 5;

/** All error codes of the service: those of the API, and those of its sign-in and lifecycle. */
export const ERROR_CODES = {
  ...HTTP_ERROR_CODES,
  identity_provider_unavailable: {
    status: 503,
    description: 'The keys for verifying JWTs could not be fetched from `AUTH_JWKS_URL`. Try again.',
    retryAfterS: RETRY_AFTER_S,
  },
  starting: {
    status: 503,
    description: 'The service is starting and migrates its database. Try again.',
    retryAfterS: RETRY_AFTER_S,
    isLogged: false,
  },
  stopping: {
    status: 503,
    description: 'This instance is stopping. Send new requests to another one.',
    retryAfterS: RETRY_AFTER_S,
    isLogged: false,
  },
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type ErrorCodeName = keyof typeof ERROR_CODES;

import { CONNECTIONS_ERROR_CODES, type ErrorCode } from '@score-crm/connections';

const RETRY_AFTER_S = 5;

/** All error codes of the service: those of the module, and those of authentication, bodies, limits and routing. */
export const ERROR_CODES = {
  ...CONNECTIONS_ERROR_CODES,
  malformed: {
    status: 400,
    description: 'The request could not be parsed. Send one JSON value in UTF-8, and check the URL.',
  },
  unauthorized: {
    status: 401,
    description:
      'The API key, JWT or session is missing, invalid or expired. Send a valid one in `Authorization: Bearer …`, or sign in again.',
  },
  forbidden: {
    status: 403,
    description:
      'The API key, JWT or session is valid, but lacks the scope for this operation or is restricted to other connections. Use one that has it.',
  },
  method_not_allowed: {
    status: 405,
    description: 'The path exists, but not with this method. The header `Allow` lists its methods.',
  },
  body_timeout: {
    status: 408,
    description: 'The body did not arrive in time. Send it faster.',
  },
  json_too_complex: {
    status: 413,
    description: 'The JSON has too many levels or values. Send a simpler body.',
  },
  uri_too_long: {
    status: 414,
    description: 'The URL, or one of its path parameters, is too long. Check the ids in the path.',
  },
  unsupported_media_type: {
    status: 415,
    description:
      'The `Content-Type`, charset or `Content-Encoding` is not supported. Send `application/json` in UTF-8, uncompressed.',
  },
  too_many_requests: {
    status: 429,
    description: 'Rate limit exceeded. Wait for the seconds in the header `Retry-After`, then try again.',
    retryAfterS: RETRY_AFTER_S,
  },
  internal_error: {
    status: 500,
    description: 'Internal error. Try again. If it continues, report the `requestId`.',
  },
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

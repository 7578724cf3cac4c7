import { CONNECTIONS_ERROR_CODES, type ErrorCode } from '@score-crm/connections';

const RETRY_AFTER_S = 5;

/** All error codes of the API: those of the module, and those of authentication, bodies, limits and routing. */
export const HTTP_ERROR_CODES = {
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
  batch_timeout: {
    status: 503,
    description:
      'Batches only: this message was not sent, because the messages before it took too long. Send it again, in a smaller batch.',
    retryAfterS: RETRY_AFTER_S,
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
    description: 'The URL, or one of its path parameters, is too long. Check the IDs in the path.',
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
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type HttpErrorCode = keyof typeof HTTP_ERROR_CODES;

/** What the codes in `errors` mean. A code of an adapter may occur there too, such as `port_forbidden` for a host and port. */
export const FIELD_ERROR_DESCRIPTIONS: Readonly<Record<string, string>> = {
  control_character: 'The text contains a control character, such as a line break.',
  https_required: 'The URL must use https.',
  immutable: 'The field cannot be changed.',
  invalid: 'The value is not valid; the message says why.',
  invalid_base64: 'The value is not base64.',
  invalid_cursor: 'The cursor is not `nextCursor` of a previous page of this list.',
  invalid_domain: 'The value is not a domain name.',
  invalid_email: 'The value is not an email address.',
  invalid_position: 'The value is not a position of the feed.',
  invalid_time: 'The value is not a time in RFC 3339 format.',
  malformed: 'The header could not be parsed.',
  not_allowed: 'The name or header is reserved or not allowed.',
  not_an_option: 'The value is not one of the options.',
  not_applicable: 'The field cannot be combined with the values of other fields.',
  not_found: 'The referenced resource does not exist.',
  not_in_future: 'The time is not in the future.',
  out_of_range: 'The number is too small or too large.',
  repeated: 'The parameter or value occurs more than once.',
  required: 'The field is missing or empty.',
  reserved: 'The name is reserved for the service.',
  secret_masked: 'The value is a masked secret. Omit the field to keep the stored secret.',
  secret_required: 'A field that the secret belongs to has changed. Enter the secret again.',
  sender_domain_not_allowed: 'The domain of the sender is not one of `allowedSenderDomains`.',
  too_deep: 'The value or the body is nested too deeply.',
  too_large: 'The value has too many bytes.',
  too_long: 'The text has too many characters.',
  too_many: 'The list or object has too many items, or the body too many values.',
  too_short: 'The text has too few characters.',
  unknown_field: 'The field does not exist. The message lists the allowed fields.',
  unknown_parameter: 'The query parameter does not exist. The message lists the allowed parameters.',
  unknown_vendor: 'There is no vendor with this key.',
  wrong_type: 'The value has the wrong JSON type.',
};

/** What belongs to an error code. */
export interface ErrorCode {
  /** The HTTP status. `vendor`: it depends on the vendor's error, see `vendorStatus`. */
  readonly status: number | 'vendor';
  /** When the error occurs and what to do, in Markdown: a row of docs/errors.md. */
  readonly description: string;
  /** The seconds in the header `Retry-After`, unless the error has a time of its own. */
  readonly retryAfterS?: number;
  /** Whether it is logged with its cause. By default this is true for a status of 500 or above. */
  readonly isLogged?: boolean;
}

const RETRY_AFTER_S = 5;

/** All error codes of the module. They are stable: clients decide by them. */
export const CONNECTIONS_ERROR_CODES = {
  invalid_input: {
    status: 422,
    description:
      'The body is not valid. `errors` lists each problem with a JSON pointer, a field error code and a hint.',
  },
  invalid_query: {
    status: 400,
    description:
      'A query parameter or header is not valid. `errors` lists each problem; its `pointer` is `/` and the name of the parameter or header.',
  },
  not_found: {
    status: 404,
    description: 'The resource does not exist, or belongs to another organization. Check the ID and the path.',
  },
  version_mismatch: {
    status: 412,
    description:
      'The resource has changed since you fetched it. Fetch it again, then repeat the change with its current `ETag`.',
  },
  position_expired: {
    status: 410,
    description:
      'Events after this position of the feed have been deleted. Read without `after` to continue with the oldest stored event.',
  },
  projection_not_movable: {
    status: 409,
    description: 'The position of a projection belongs to its result, so it cannot be moved. Rebuild the projection.',
  },
  connection_in_use: {
    status: 409,
    description:
      'Campaigns or journeys that are scheduled, running or paused use the connection. `usages` lists up to 100 of them. Move them to another connection with `POST /connections/{id}/move-usages`, or stop them.',
  },
  connection_disabled: {
    status: 409,
    description:
      'The connection is disabled, so nothing can be sent through it and it cannot be claimed. Enable it, or use another connection.',
  },
  sending_mode_unknown: {
    status: 409,
    description:
      'The sending mode of the connection is unknown to this version of the service, or has no address to redirect to. Nothing was sent. Set the mode again.',
  },
  too_many_usages: {
    status: 409,
    description: 'The connection has the maximum number of usages. Release those that have ended.',
  },
  too_many_webhook_endpoints: {
    status: 409,
    description: 'The organization has the maximum number of webhook endpoints. Delete those that are not used.',
  },
  webhook_endpoint_disabled: {
    status: 409,
    description: 'The webhook endpoint is disabled. Enable it, then replay its messages.',
  },
  send_failed: {
    status: 'vendor',
    description:
      'The vendor did not accept the message. `error` has the cause. If its `retryable` is true, the same message may be sent again later.',
  },
  recipient_suppressed: {
    status: 422,
    description:
      'Nothing was sent, because no recipient in `to` is left: all of them are suppressed. `errors` lists the suppressed recipients. Remove the suppressions, or send to others.',
  },
  sending_limit_exceeded: {
    status: 429,
    description:
      'Nothing was sent, because the connection has reached one of its limits: emails per second, minute or day, or calls at the same time. Send the message again after the seconds in the header `Retry-After`.',
  },
  limits_unavailable: {
    status: 503,
    description:
      'Nothing was sent, because the limits of the connection cannot be checked: Redis did not respond. Send the message again. Connections without limits are not affected.',
    retryAfterS: RETRY_AFTER_S,
  },
  idempotency_key_reused: {
    status: 422,
    description: 'The idempotency key was used for a different request. Use a new key for each request.',
  },
  request_in_progress: {
    status: 409,
    description:
      'An earlier request with this idempotency key is being processed. Repeat the request after the seconds in `Retry-After`.',
    retryAfterS: 1,
  },
  outcome_unknown: {
    status: 409,
    description:
      'An earlier request with this idempotency key was interrupted, so the message may have been sent. It is not sent again under this key. Once an event of the message arrives, the same request returns a result. Send it with a new key only if the recipients may get it twice.',
  },
  webhook_registration_failed: {
    status: 'vendor',
    description: 'The vendor could not create, check or remove the webhook. `error` has the cause.',
  },
  registration_unsupported: {
    status: 422,
    description: 'The vendor has no API for webhooks. Follow `setupInstructions` to set the webhook up manually.',
  },
  webhook_log_unsupported: {
    status: 422,
    description:
      'The vendor’s API has no log of its webhook requests. See the health of the webhook for what the service received.',
  },
  sample_unsupported: {
    status: 422,
    description: 'The vendor has no webhooks, or no sample of its events can be composed. Send a test message instead.',
  },
  public_url_missing: {
    status: 422,
    description:
      'The service has no public URL, so vendors cannot reach it. The operator sets it: `PUBLIC_URL` of the service, `webhookBaseUrl` of the module.',
  },
  registration_in_progress: {
    status: 409,
    description: 'Another request is setting up or removing this webhook. Try again in a minute.',
  },
  missing_signature: {
    status: 401,
    description: 'Webhooks only: the signature is missing. Enable signed webhooks in your vendor’s settings.',
  },
  invalid_signature: {
    status: 401,
    description:
      'Webhooks only: the signature does not match the body. Check the signing key of the connection, and that no proxy changes the body.',
  },
  malformed_signature: {
    status: 401,
    description: 'Webhooks only: the signature is malformed. Check the webhook’s settings at the vendor.',
  },
  not_configured: {
    status: 401,
    description: 'Webhooks only: the connection has no key to check the signature with. Enter it in its settings.',
  },
  delivery_rejected: {
    status: 400,
    description:
      'Webhooks only: the signature is valid, but the body is not a list of the vendor’s events. The request is kept for re-processing.',
  },
  payload_too_large: {
    status: 413,
    description: 'The body is larger than this endpoint accepts. Send a smaller one.',
  },
  statement_too_large: {
    status: 413,
    description:
      'A value is larger than the database accepts. Send a smaller one, or ask the operator to raise `max_allowed_packet`.',
  },
  secrets_unreadable: {
    status: 503,
    description:
      'No configured encryption key decrypts the secrets of this connection or webhook endpoint. The operator restores the missing key, or someone enters all secrets of the connection again, or rotates the secret of the endpoint.',
  },
  database_unavailable: {
    status: 503,
    description: 'The database did not respond or could not write. Try again.',
    retryAfterS: RETRY_AFTER_S,
  },
  query_timeout: {
    status: 503,
    description: 'The query took too long. Narrow it, for example to fewer days or to one recipient.',
    retryAfterS: RETRY_AFTER_S,
  },
  overloaded: {
    status: 503,
    description: 'Too many requests are waiting. Try again in a few seconds.',
    retryAfterS: RETRY_AFTER_S,
  },
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type ConnectionsErrorCode = keyof typeof CONNECTIONS_ERROR_CODES;

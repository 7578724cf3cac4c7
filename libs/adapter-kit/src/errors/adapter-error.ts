/** The stages of a call, in this order. */
export const STAGES = ['settings', 'connect', 'tls', 'authenticate', 'sender', 'recipient', 'message'] as const;
/** The stage at which a call failed. `webhook`: the call registered or checked a webhook. */
export type Stage = (typeof STAGES)[number] | 'webhook';

/** Who can fix the problem. */
export type Fault = 'recipient' | 'sender' | 'vendor' | 'configuration' | 'network';

/** What each error code of an adapter means. The list is closed and the codes are stable: users and programs rely on them. */
export const ADAPTER_ERROR_DESCRIPTIONS = {
  aborted: 'The call was canceled.',
  address_forbidden: 'The host has a private or reserved address, which is not allowed.',
  app_password_required: 'The account requires an app password instead of its normal password.',
  authentication_failed: 'The username, password or API key was rejected.',
  authentication_not_offered: 'The server does not offer a supported login method on this connection.',
  certificate_expired: 'The server’s TLS certificate has expired.',
  certificate_name_mismatch: 'The server’s TLS certificate was issued for another host name.',
  certificate_untrusted: 'The server’s TLS certificate was not issued by a trusted authority.',
  connection_closed: 'The server closed the connection.',
  connection_refused: 'The server refused the connection.',
  connection_timeout: 'The connection could not be established in time.',
  encryption_required: 'The server requires TLS before it accepts a login.',
  host_not_found: 'The host name was not found.',
  host_unreachable: 'The host is unreachable.',
  invalid_request: 'The vendor rejected the request, or a setting, as invalid.',
  invalid_response: 'The response of the vendor could not be understood.',
  message_rejected: 'The vendor rejected the message, for example as spam.',
  message_too_large: 'The message is larger than the vendor accepts.',
  no_greeting: 'The server did not send an SMTP greeting. Host, port or TLS mode may be wrong.',
  not_a_mail_server: 'The server answered, but not in SMTP.',
  permission_denied: 'The API key or account lacks a permission.',
  port_forbidden: 'Connections to this port are not allowed.',
  quota_exceeded: 'The sending quota of the account is used up.',
  rate_limited: 'The vendor limits the rate of requests or messages.',
  recipient_deferred: 'The recipient’s server does not accept the message at the moment.',
  recipient_rejected: 'The recipient’s address was rejected.',
  recipient_suppressed: 'The recipient’s address is suppressed: no message is sent to it.',
  response_too_large: 'The response of the vendor was larger than allowed.',
  sender_missing: 'Neither the message nor the connection has a sender address.',
  sender_not_verified: 'The sender address or its domain is not verified with the vendor.',
  sender_rejected: 'The sender address was rejected.',
  server_refuses_service: 'The server refuses to serve this client.',
  starttls_not_offered: 'TLS is required, but the server does not offer STARTTLS.',
  temporarily_unavailable: 'The vendor is temporarily unavailable.',
  timeout: 'The vendor did not respond in time.',
  tls_failed: 'The TLS handshake failed.',
  tls_not_spoken: 'The port does not use implicit TLS.',
  unexpected: 'An error that the adapter does not recognize.',
  unsupported: 'The vendor does not support something that the message uses.',
  webhook_conflict: 'The vendor has another webhook that conflicts with this one.',
  webhook_unreachable: 'The vendor could not reach the webhook URL.',
} as const;

export type AdapterErrorCode = keyof typeof ADAPTER_ERROR_DESCRIPTIONS;

export const ADAPTER_ERROR_CODES = Object.keys(ADAPTER_ERROR_DESCRIPTIONS) as readonly AdapterErrorCode[];

/** The data of an AdapterError, safe to store and to show. */
export interface AdapterErrorDetails {
  readonly stage: Stage;
  readonly code: AdapterErrorCode;
  readonly fault: Fault;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The HTTP status of the vendor's response. */
  readonly status?: number;
  /** The SMTP reply code (RFC 5321, 4.2), e.g. 550. */
  readonly smtpCode?: number;
  /** RFC 3463, e.g. `5.7.8`. */
  readonly enhancedCode?: string;
  /** What the user can do about it. */
  readonly hint: string;
  /** The server's reply, cut to 500 characters. Scrub it first: a secret that is cut in half is no longer found. */
  readonly reply?: string;
  /** JSON pointer of the message or settings member at fault. */
  readonly pointer?: string;
}

/** How a call ends whose response is missing or not understood. */
const WITHOUT_RESPONSE: ReadonlySet<AdapterErrorCode> = new Set([
  'aborted',
  'connection_closed',
  'connection_timeout',
  'host_unreachable',
  'invalid_response',
  'response_too_large',
  'timeout',
  'unexpected',
]);

/**
 * Whether a message may have been sent although the call failed: the vendor had it, and did not definitely reject it. A reply
 * to SMTP is definite, and so is an HTTP status, except those of a server that failed while it processed the request. 503 means
 * that it did not process the request (RFC 9110, 15.6.4).
 */
export function mayHaveBeenSent({ stage, code, status = 0, smtpCode = 0 }: AdapterErrorDetails): boolean {
  if (stage !== 'message' || smtpCode >= 400) return false;
  if (status >= 300) return status >= 500 && status !== 503;
  return WITHOUT_RESPONSE.has(code);
}

const MAX_REPLY = 500;

/** The only error that an adapter throws. It contains no secrets. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly details: AdapterErrorDetails;

  constructor(details: AdapterErrorDetails, options?: ErrorOptions) {
    super(`${details.code} (${details.stage}): ${details.hint}`, options);
    this.details = details.reply === undefined ? details : { ...details, reply: cut(details.reply) };
  }
}

function cut(reply: string): string {
  // Do not cut a surrogate pair in half.
  return reply.slice(0, MAX_REPLY).replace(/[\ud800-\udbff]$/, '');
}

/**
 * Returns the error for something that users must change in the settings or at the vendor before they try again.
 * @param more the stage, if it is not `message`, and the pointer, status or reply
 * @example
 * throw configurationError('permission_denied', 'The key cannot send. Grant it “Send”.', { status: 403 });
 */
export function configurationError(
  code: AdapterErrorCode,
  hint: string,
  more: Partial<AdapterErrorDetails> = {},
): AdapterError {
  return new AdapterError({ stage: 'message', code, fault: 'configuration', retryable: false, hint, ...more });
}

/**
 * For `catch`: returns a value in place of an error whose response had one of these statuses.
 * @throws the error itself if it is another one
 */
export function onStatus<T>(statuses: readonly number[], value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof AdapterError && statuses.includes(error.details.status ?? 0)) return value;
    throw error;
  };
}

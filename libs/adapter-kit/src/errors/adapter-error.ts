/** The stages of a call, in this order. */
export const STAGES = ['settings', 'connect', 'tls', 'authenticate', 'sender', 'recipient', 'message'] as const;
/** The stage at which a call failed. `webhook`: the call registered or checked a webhook. */
export type Stage = (typeof STAGES)[number] | 'webhook';

/** Who can fix the problem. */
export type Fault = 'recipient' | 'sender' | 'vendor' | 'configuration' | 'network';

/** The closed list of error codes. They are stable: users and programs rely on them. */
export const ADAPTER_ERROR_CODES = [
  'aborted',
  'address_forbidden',
  'app_password_required',
  'authentication_failed',
  'authentication_not_offered',
  'certificate_expired',
  'certificate_name_mismatch',
  'certificate_untrusted',
  'connection_closed',
  'connection_refused',
  'connection_timeout',
  'encryption_required',
  'host_not_found',
  'host_unreachable',
  'invalid_request',
  'invalid_response',
  'message_rejected',
  'message_too_large',
  'no_greeting',
  'not_a_mail_server',
  'permission_denied',
  'port_forbidden',
  'quota_exceeded',
  'rate_limited',
  'recipient_deferred',
  'recipient_rejected',
  'response_too_large',
  'sender_missing',
  'sender_not_verified',
  'sender_rejected',
  'server_refuses_service',
  'starttls_not_offered',
  'temporarily_unavailable',
  'timeout',
  'tls_failed',
  'tls_not_spoken',
  'unexpected',
  'unsupported',
  'webhook_conflict',
  'webhook_unreachable',
] as const;
export type AdapterErrorCode = (typeof ADAPTER_ERROR_CODES)[number];

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

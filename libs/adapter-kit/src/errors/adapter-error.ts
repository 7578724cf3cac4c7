/** What a message passes on its way to the vendor, in this order. */
export const STAGES = ['settings', 'connect', 'tls', 'authenticate', 'sender', 'recipient', 'message'] as const;
/** Where a call stood when it failed. `webhook`: it was not about a message, but about the registration of a webhook. */
export type Stage = (typeof STAGES)[number] | 'webhook';

/** Who has to do something about it. */
export type Fault = 'recipient' | 'sender' | 'vendor' | 'configuration' | 'network';

/** The closed set of reasons. Stable: people and programs decide by them. */
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

export interface AdapterErrorDetails {
  readonly stage: Stage;
  readonly code: AdapterErrorCode;
  readonly fault: Fault;
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** The vendor's HTTP status. */
  readonly status?: number;
  readonly smtpCode?: number;
  /** RFC 3463, e.g. `5.7.8`. */
  readonly enhancedCode?: string;
  /** What a person is told to do. */
  readonly hint: string;
  /** The server's own words, cut to 500 characters. Scrub them before: half a secret is no longer found. */
  readonly reply?: string;
  /** Names the member of the message or of the settings that is at fault, as a JSON pointer. */
  readonly pointer?: string;
}

const MAX_REPLY = 500;

/** The only error that an adapter throws. It carries no secret. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly details: AdapterErrorDetails;

  constructor(details: AdapterErrorDetails, options?: ErrorOptions) {
    super(`${details.code} (${details.stage}): ${details.hint}`, options);
    this.details = details.reply === undefined ? details : { ...details, reply: cut(details.reply) };
  }
}

function cut(reply: string): string {
  // Not between the two halves of a character.
  return reply.slice(0, MAX_REPLY).replace(/[\ud800-\udbff]$/, '');
}

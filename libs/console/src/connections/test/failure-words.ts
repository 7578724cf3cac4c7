import type { VendorError } from '../../api/types.ts';

const CODES: Readonly<Record<VendorError['code'], string>> = {
  aborted: 'The call was broken off',
  address_forbidden: 'This address may not be connected to',
  app_password_required: 'An app password is required',
  authentication_failed: 'Authentication failed',
  authentication_not_offered: 'The server offers no way to log in',
  certificate_expired: 'The server’s certificate has expired',
  certificate_name_mismatch: 'The server’s certificate is for another name',
  certificate_untrusted: 'The server’s certificate is not trusted',
  connection_closed: 'The server closed the connection',
  connection_refused: 'Connection refused',
  connection_timeout: 'The connection timed out',
  encryption_required: 'The server requires encryption',
  host_not_found: 'Host not found',
  host_unreachable: 'Host not reachable',
  invalid_request: 'The request was not valid',
  invalid_response: 'The answer cannot be understood',
  message_rejected: 'The message was rejected',
  message_too_large: 'The message is too large',
  no_greeting: 'The server does not greet',
  not_a_mail_server: 'This is no mail server',
  permission_denied: 'Permission denied',
  port_forbidden: 'This port is not allowed',
  quota_exceeded: 'The account’s limit is reached',
  rate_limited: 'Rate limited',
  recipient_deferred: 'The recipient was put off for later',
  recipient_rejected: 'The recipient was rejected',
  response_too_large: 'The answer is too large',
  sender_missing: 'There is no sender',
  sender_not_verified: 'The sender is not verified',
  sender_rejected: 'The sender was rejected',
  server_refuses_service: 'The server refuses its service',
  starttls_not_offered: 'The server does not offer STARTTLS',
  temporarily_unavailable: 'Unavailable for the moment',
  timeout: 'The answer took too long',
  tls_failed: 'Encryption could not be agreed on',
  tls_not_spoken: 'The server does not speak TLS here',
  unexpected: 'An unexpected failure',
  unsupported: 'Not supported',
  webhook_conflict: 'The webhook is in use by something else',
  webhook_unreachable: 'The webhook’s address cannot be reached',
};

const FAULTS: Readonly<Record<VendorError['fault'], string>> = {
  recipient: 'the recipient’s address or mailbox',
  sender: 'the sender: its address, or the standing of the account',
  vendor: 'the vendor',
  configuration: 'the settings of this connection, or of the account at the vendor',
  network: 'the network between this service and the vendor',
};

/** What went wrong, in a few words. */
export function codeInWords(code: string): string {
  return own(CODES, code) ?? code.replaceAll('_', ' ');
}

/** With whom the fault lies. */
export function faultInWords(fault: string): string {
  return own(FAULTS, fault) ?? fault;
}

/** Tests of the past may have been kept by another release. */
function own(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined;
}

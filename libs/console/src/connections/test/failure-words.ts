import type { VendorError } from '../../api/types.ts';

type Code = VendorError['code'];
type Fault = VendorError['fault'];

const CODES: Readonly<Record<Code, string>> = {
  aborted: 'Canceled',
  address_forbidden: 'Address not allowed',
  app_password_required: 'App password required',
  authentication_failed: 'Authentication failed',
  authentication_not_offered: 'Login not offered by the server',
  certificate_expired: 'Certificate expired',
  certificate_name_mismatch: 'Certificate is for another name',
  certificate_untrusted: 'Certificate not trusted',
  connection_closed: 'Connection closed by the server',
  connection_refused: 'Connection refused',
  connection_timeout: 'Connection timed out',
  encryption_required: 'Encryption required',
  host_not_found: 'Host not found',
  host_unreachable: 'Host unreachable',
  invalid_request: 'Invalid request',
  invalid_response: 'Unreadable response',
  message_rejected: 'Message rejected',
  message_too_large: 'Message too large',
  no_greeting: 'No greeting from the server',
  not_a_mail_server: 'Not a mail server',
  permission_denied: 'Permission denied',
  port_forbidden: 'Port not allowed',
  quota_exceeded: 'Quota exceeded',
  rate_limited: 'Rate limited',
  recipient_deferred: 'Recipient deferred',
  recipient_rejected: 'Recipient rejected',
  recipient_suppressed: 'Recipient suppressed',
  response_too_large: 'Response too large',
  sender_missing: 'Sender missing',
  sender_not_verified: 'Sender not verified',
  sender_rejected: 'Sender rejected',
  server_refuses_service: 'Service refused by the server',
  starttls_not_offered: 'STARTTLS not offered',
  temporarily_unavailable: 'Temporarily unavailable',
  timeout: 'Response timed out',
  tls_failed: 'TLS handshake failed',
  tls_not_spoken: 'No TLS on this port',
  unexpected: 'Unexpected error',
  unsupported: 'Not supported',
  webhook_conflict: 'Webhook already in use',
  webhook_unreachable: 'Webhook URL unreachable',
};

const FAULTS: Readonly<Record<Fault, string>> = {
  recipient: 'The recipient’s address or mailbox',
  sender: 'The sender address, its domain, or the standing of the account',
  vendor: 'The vendor',
  configuration: 'The settings of this connection or of the account at the vendor',
  network: 'The network between this service and the vendor',
};

const ADDRESS = 'The host or the port';
const CERTIFICATE = 'The server’s certificate';
const CREDENTIALS = 'The username, password or API key';
const ENCRYPTION = 'The port or the encryption setting';

/** The likely cause where the code names it better than the fault does. It must agree with the error's hint. */
const CAUSES: Readonly<Partial<Record<Fault, Readonly<Partial<Record<Code, string>>>>>> = {
  configuration: {
    address_forbidden: 'The host',
    app_password_required: 'The password',
    authentication_failed: CREDENTIALS,
    authentication_not_offered: ENCRYPTION,
    certificate_expired: CERTIFICATE,
    certificate_name_mismatch: 'The host',
    certificate_untrusted: CERTIFICATE,
    connection_closed: ENCRYPTION,
    connection_refused: ADDRESS,
    encryption_required: ENCRYPTION,
    message_too_large: 'The size of the message',
    host_not_found: 'The host',
    no_greeting: ENCRYPTION,
    not_a_mail_server: ADDRESS,
    permission_denied: 'The permissions of the account or API key',
    port_forbidden: 'The port',
    sender_missing: 'The From email',
    starttls_not_offered: ENCRYPTION,
    tls_failed: 'The TLS version of the server',
    tls_not_spoken: ENCRYPTION,
  },
  sender: {
    sender_not_verified: 'The sender address or its domain',
    sender_rejected: 'The sender address or its domain',
  },
  network: {
    connection_closed: 'The server, the port or the encryption setting',
    connection_timeout: 'A firewall, the host or the port',
    host_not_found: 'The name server of this service',
    host_unreachable: 'The host, or the network of this service',
    timeout: 'The server, or the network to it',
  },
};

/** What went wrong, in a few words. */
export function codeInWords(code: string): string {
  return own(CODES, code) ?? code.replaceAll('_', ' ');
}

/** The one likely cause. */
export function causeInWords({ code, fault }: Pick<VendorError, 'code' | 'fault'>): string {
  return own(own(CAUSES, fault) ?? {}, code) ?? own(FAULTS, fault) ?? fault;
}

/** Whether to try again; undefined where cause and hint already say what to do first. */
export function retryInWords(
  error: Pick<VendorError, 'code' | 'stage' | 'retryable' | 'retryAfterMs'>,
): string | undefined {
  const { code, stage, retryable, retryAfterMs } = error;
  // No server was reached: the hint says what to check, and time alone does not help.
  if ((stage === 'connect' && !retryable) || code === 'connection_timeout') return undefined;
  if (!retryable) return 'Won’t help until this is fixed.';
  return retryAfterMs === undefined ? 'May work later without changes.' : `Try again in ${wait(retryAfterMs)}.`;
}

/** Stored tests may have been written by another release. */
function own<Words extends object>(words: Words, key: string): Words[keyof Words] | undefined {
  return Object.hasOwn(words, key) ? words[key as keyof Words] : undefined;
}

const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long something took: `340 ms`, `2.4 s`. */
export function measured(ms: number): string {
  return ms < 1_000 ? `${String(Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** How long to wait, rounded up: `30 seconds`, `2 minutes`. */
function wait(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms >= unit) ?? UNITS[2];
  const count = Math.max(1, Math.ceil(ms / size));
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}

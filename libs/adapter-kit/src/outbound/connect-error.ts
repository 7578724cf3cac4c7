import {
  AdapterError,
  type AdapterErrorCode,
  configurationError,
  type Fault,
  type Stage,
} from '../errors/adapter-error.ts';
import { type OutboundRefusal, OutboundRefusedError } from './outbound-policy.ts';

const HINTS = {
  host_not_found: 'The host name was not found. Check its spelling.',
  address_forbidden:
    'Connections to private or reserved addresses are not allowed. Use a public host, or ask your operator to allow this one.',
  port_forbidden:
    'Connections to this port are not allowed. Use a mail port (such as 587, 465 or 2525) or 443, or ask your operator to allow it.',
  connection_refused: 'The connection was refused. Check the host and the port.',
  connection_timeout:
    'The host did not respond on that port. Check the host and the port, or whether a firewall blocks the connection.',
  host_unreachable: 'The host is unreachable from this server. Check the host, or try again later.',
  connection_closed: 'The server closed the connection. Check the port, or try again later.',
} as const;
type ConnectCode = keyof typeof HINTS;
const CONFIGURED: ReadonlySet<ConnectCode> = new Set(['host_not_found', 'address_forbidden', 'port_forbidden']);

const CONNECT_CODES = new Map<string, ConnectCode>([
  ['ENOTFOUND', 'host_not_found'],
  ['ENODATA', 'host_not_found'],
  ['ECONNREFUSED', 'connection_refused'],
  ['ETIMEDOUT', 'connection_timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connection_timeout'],
  ['ECONNRESET', 'connection_closed'],
  ['EPIPE', 'connection_closed'],
  ['UND_ERR_SOCKET', 'connection_closed'],
]);

/**
 * Returns the error for a connection that could not be established or was lost, by the error code of Node or undici.
 */
export function connectError(error: unknown, stage: Stage = 'connect'): AdapterError {
  if (error instanceof AdapterError) return error;
  if (error instanceof OutboundRefusedError) return refusedError(error.reason, error.settingName, stage);
  const systemCode = (error as NodeJS.ErrnoException | null)?.code;
  if (systemCode === 'EAI_AGAIN') return nameServerSilent();
  if (systemCode === 'ERR_SOCKET_BAD_PORT') return noSuchPort();
  return connectErrorOf(CONNECT_CODES.get(systemCode ?? '') ?? 'host_unreachable', stage);
}

export function connectErrorOf(code: ConnectCode, stage: Stage = 'connect'): AdapterError {
  const fault = CONFIGURED.has(code) ? 'configuration' : 'network';
  return new AdapterError({ stage, code, fault, retryable: fault === 'network', hint: HINTS[code] });
}

/** @param settingName the setting of the application that would allow it */
export function refusedError(reason: OutboundRefusal, settingName: string | undefined, stage?: Stage): AdapterError {
  const { details } = connectErrorOf(reason, stage);
  if (settingName === undefined) return new AdapterError(details);
  return new AdapterError({ ...details, hint: details.hint.replace(/\.$/, ` (${settingName}).`) });
}

function nameServerSilent(): AdapterError {
  const hint = 'The host name lookup failed. Try again later; if it keeps failing, check the spelling.';
  return new AdapterError({ stage: 'connect', code: 'host_not_found', fault: 'network', retryable: true, hint });
}

function noSuchPort(): AdapterError {
  const hint = 'Invalid port. Enter a whole number from 1 to 65535.';
  return configurationError('invalid_request', hint, { stage: 'settings' });
}

/** Returns the error of a call whose signal fired: `timeout` for a deadline, otherwise `aborted`. */
export function abortedError(signal: AbortSignal, stage: Stage = 'connect'): AdapterError {
  const timedOut = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return new AdapterError({
    stage,
    code: timedOut ? 'timeout' : 'aborted',
    fault: 'network',
    retryable: true,
    hint: timedOut ? 'The server took too long to respond. Try again later.' : 'The call was canceled. Try again.',
  });
}

type TlsCode = Extract<
  AdapterErrorCode,
  | 'certificate_expired'
  | 'certificate_name_mismatch'
  | 'certificate_untrusted'
  | 'connection_closed'
  | 'timeout'
  | 'tls_failed'
  | 'tls_not_spoken'
>;

const ERRORS: Readonly<Record<TlsCode, { readonly fault: Fault; readonly retryable: boolean; readonly hint: string }>> =
  {
    certificate_expired: {
      fault: 'configuration',
      retryable: false,
      hint: 'The server’s certificate has expired or is not yet valid. Ask the server’s operator to renew it.',
    },
    certificate_name_mismatch: {
      fault: 'configuration',
      retryable: false,
      hint: 'The server’s certificate is for a different host name. Enter the host name that the certificate names.',
    },
    certificate_untrusted: {
      fault: 'configuration',
      retryable: false,
      hint: 'The server’s certificate is not signed by a trusted authority. Enter the authority’s certificate, or use a host with a public certificate.',
    },
    connection_closed: {
      fault: 'network',
      retryable: true,
      hint: 'The server closed the connection during the TLS handshake. Check the port and the encryption setting, or try again later.',
    },
    timeout: {
      fault: 'network',
      retryable: true,
      hint: 'The TLS handshake took too long. Check the port and the encryption setting, or try again later.',
    },
    tls_failed: {
      fault: 'configuration',
      retryable: false,
      hint: 'The server offers no encryption that this service accepts. It must support TLS 1.2 or newer.',
    },
    tls_not_spoken: {
      fault: 'configuration',
      retryable: false,
      hint: 'The server does not use TLS on that port. Use a different port or encryption setting.',
    },
  };

// https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes
const TLS_CODES = new Map<string, TlsCode>([
  ['CERT_HAS_EXPIRED', 'certificate_expired'],
  ['CERT_NOT_YET_VALID', 'certificate_expired'],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'certificate_untrusted'],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', 'certificate_untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_name_mismatch'],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', 'certificate_name_mismatch'],
  ['HOSTNAME_MISMATCH', 'certificate_name_mismatch'],
  ['CERT_CHAIN_TOO_LONG', 'certificate_untrusted'],
  ['CERT_REJECTED', 'certificate_untrusted'],
  ['CERT_REVOKED', 'certificate_untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'certificate_untrusted'],
  ['CERT_UNTRUSTED', 'certificate_untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate_untrusted'],
  ['INVALID_CA', 'certificate_untrusted'],
  ['INVALID_PURPOSE', 'certificate_untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'certificate_untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate_untrusted'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'certificate_untrusted'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'certificate_untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'certificate_untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate_untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate_untrusted'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  // How OpenSSL reports a response that is not TLS.
  ['ERR_SSL_BAD_RECORD_TYPE', 'tls_not_spoken'],
  ['ERR_SSL_HTTP_REQUEST', 'tls_not_spoken'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls_not_spoken'],
  ['ERR_SSL_UNKNOWN_PROTOCOL', 'tls_not_spoken'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_not_spoken'],
]);

// Some Node versions report `EPROTO` or `ECONNRESET` and give the reason only in the message.
const MESSAGES: readonly (readonly [RegExp, TlsCode])[] = [
  [/wrong version number|packet length too long|unknown protocol|http request/i, 'tls_not_spoken'],
  [/before secure TLS connection was established/i, 'connection_closed'],
];

/**
 * Returns the error of the stage `tls` for what Node reports about a failed TLS handshake, or undefined if the error is
 * not about TLS.
 */
export function tlsError(error: unknown): AdapterError | undefined {
  const code = typeof error === 'object' && error !== null ? tlsCode(error as CodedError) : undefined;
  return code === undefined ? undefined : new AdapterError({ stage: 'tls', code, ...ERRORS[code] });
}

// nodemailer overwrites `code` and keeps the original one here.
type CodedError = NodeJS.ErrnoException & { readonly originalCode?: string };

function tlsCode(error: CodedError): TlsCode | undefined {
  const code = error.originalCode ?? error.code ?? '';
  const known = TLS_CODES.get(code);
  if (known !== undefined) return known;
  if (code !== '' && !/^(EPROTO|ECONNRESET|ESOCKET|ETLS|ERR_(SSL|TLS|OSSL)_.*)$/.test(code)) return undefined;
  const matched = MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1];
  return matched ?? (/^(EPROTO|ERR_(SSL|TLS|OSSL)_)/.test(code) ? 'tls_failed' : undefined);
}

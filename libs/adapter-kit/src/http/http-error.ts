import { AdapterError, type AdapterErrorCode } from '../errors/adapter-error.ts';
import { abortedError, connectError, tlsError } from '../outbound/connect-error.ts';

const UNSENDABLE = new Set([
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_URL',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);
// These occur after the connection was established.
const BROKEN_OFF = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const VENDOR_HINTS: Readonly<Partial<Record<AdapterErrorCode, string>>> = {
  connection_refused: 'The vendor’s server refused the connection. Try again later.',
  connection_timeout:
    'The vendor’s server did not respond. Try again later, and check that a firewall allows HTTPS to the vendor.',
  host_unreachable:
    'The vendor’s server cannot be reached. Try again later, and check that this service can reach the internet.',
  connection_closed: 'The vendor’s server closed the connection. Try again later.',
};
const UNREADABLE = /^(HPE_.*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_.*)$/;

/**
 * Converts an undici error into an AdapterError. Nothing of the request is included, neither as text nor as `cause`.
 */
export function httpError(error: unknown, signal: AbortSignal): AdapterError {
  if (error instanceof AdapterError) return error;
  if (signal.aborted) return abortedError(signal, 'message');
  const { code = '', name } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return timedOut();
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return closed();
  if (UNSENDABLE.has(code)) return unsendable();
  // Some parser errors have no code.
  if (UNREADABLE.test(code) || name === 'HTTPParserError') return unreadable();
  return tlsError(error) ?? forVendor(connectError(error, BROKEN_OFF.has(code) ? 'message' : 'connect'));
}

/** Users do not enter the host and port of a vendor's API, so the hint must not mention them. */
function forVendor({ details }: AdapterError): AdapterError {
  const hint = VENDOR_HINTS[details.code];
  return new AdapterError(hint === undefined ? details : { ...details, hint });
}

export function tooLarge(limit: number): AdapterError {
  const hint = `The vendor’s response exceeds the limit of ${String(limit)} bytes. Contact the vendor.`;
  return new AdapterError({ stage: 'message', code: 'response_too_large', fault: 'vendor', retryable: false, hint });
}

export function unsendable(): AdapterError {
  const hint = 'The request contains a URL, header or body that cannot be sent. Check the settings.';
  return new AdapterError({
    stage: 'settings',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint,
  });
}

function timedOut(): AdapterError {
  const hint = 'The vendor took too long to respond. Try again later.';
  return new AdapterError({ stage: 'message', code: 'timeout', fault: 'network', retryable: true, hint });
}

function closed(): AdapterError {
  const hint = 'The service is shutting down. Try again later.';
  return new AdapterError({ stage: 'connect', code: 'aborted', fault: 'network', retryable: true, hint });
}

function unreadable(): AdapterError {
  const hint = 'The vendor’s response is not valid HTTP. Check the base URL, or try again later.';
  return new AdapterError({ stage: 'message', code: 'invalid_response', fault: 'vendor', retryable: true, hint });
}

import { AdapterError, type Stage } from '../errors/adapter-error.ts';
import { OutboundRefusedError } from './guarded-lookup.ts';
import type { OutboundRefusal } from './outbound-policy.ts';

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

const CODES = new Map<string, ConnectCode>([
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
  return connectErrorOf(CODES.get(systemCode ?? '') ?? 'host_unreachable', stage);
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
  return new AdapterError({
    stage: 'settings',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint,
  });
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

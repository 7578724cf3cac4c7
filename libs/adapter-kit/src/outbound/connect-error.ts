import { AdapterError, type Stage } from '../errors/adapter-error.ts';
import { OutboundRefusedError } from './guarded-lookup.ts';

const HINTS = {
  host_not_found: 'The host name cannot be found. Check its spelling.',
  address_forbidden:
    'The host has a private or reserved address, which this service does not connect to. Use a public host, or ask the operator to allow it (OUTBOUND_ALLOW).',
  port_forbidden:
    'This service connects only to mail ports (such as 587, 465 and 2525) and to HTTPS on port 443. Use one of these, or ask the operator to allow the port (OUTBOUND_PORTS).',
  connection_refused: 'Nothing answers on that port. Check host and port.',
  connection_timeout: 'No answer from that host and port. Check that a firewall lets this server reach the port.',
  host_unreachable: 'The host cannot be reached from this server. Check the host, or try again later.',
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

/** The error for a connection that could not be made or kept, by the code that Node or undici gave it. */
export function connectError(error: unknown, stage: Stage = 'connect'): AdapterError {
  if (error instanceof AdapterError) return error;
  if (error instanceof OutboundRefusedError) return connectErrorOf(error.reason, stage);
  const systemCode = (error as NodeJS.ErrnoException | null)?.code;
  if (systemCode === 'EAI_AGAIN') return nameServerSilent();
  if (systemCode === 'ERR_SOCKET_BAD_PORT') return noSuchPort();
  return connectErrorOf(CODES.get(systemCode ?? '') ?? 'host_unreachable', stage);
}

export function connectErrorOf(code: ConnectCode, stage: Stage = 'connect'): AdapterError {
  const fault = CONFIGURED.has(code) ? 'configuration' : 'network';
  return new AdapterError({ stage, code, fault, retryable: fault === 'network', hint: HINTS[code] });
}

function nameServerSilent(): AdapterError {
  const hint = 'The host name could not be looked up just now. Try again later; if it stays so, check its spelling.';
  return new AdapterError({ stage: 'connect', code: 'host_not_found', fault: 'network', retryable: true, hint });
}

function noSuchPort(): AdapterError {
  const hint = 'There is no such port. Enter a whole number from 1 to 65535.';
  return new AdapterError({
    stage: 'settings',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint,
  });
}

/** The error of a call that its signal ended: `timeout` for a deadline, else `aborted`. */
export function abortedError(signal: AbortSignal, stage: Stage = 'connect'): AdapterError {
  const timedOut = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return new AdapterError({
    stage,
    code: timedOut ? 'timeout' : 'aborted',
    fault: 'network',
    retryable: true,
    hint: timedOut ? 'The server took too long to answer. Try again later.' : 'The call was canceled.',
  });
}

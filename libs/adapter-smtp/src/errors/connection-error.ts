import { AdapterError, type Stage, tlsError } from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';

/** The connection ended without a reply. */
export function connectionClosed(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server closed the connection before confirming the message. The message may have been sent.'
      : 'The server closed the connection. Check the host, the port and the encryption, or try again later.';
  return new AdapterError({ stage, code: 'connection_closed', fault: 'network', retryable: true, hint });
}

/** The server stopped responding during a conversation. */
export function replyTimedOut(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server did not confirm the message in time. The message may have been sent.'
      : 'The server took too long to respond. Try again later.';
  return new AdapterError({ stage, code: 'timeout', fault: 'network', retryable: true, hint });
}

/** Connected, but there is no greeting: typical of a server that waits for TLS. */
export function noGreeting(implicitTls: boolean): AdapterError {
  const hint = implicitTls
    ? 'The server sent no greeting over the encrypted connection. Check the host and the port, or try again later.'
    : 'The server sent no greeting. The port probably expects implicit TLS: select it (usually port 465), or use another port (usually 587).';
  return new AdapterError({ stage: 'connect', code: 'no_greeting', fault: 'configuration', retryable: false, hint });
}

/** The response is not SMTP. It is not repeated: it may come from a neighbor's service. */
export function notAMailServer(): AdapterError {
  return new AdapterError({
    stage: 'connect',
    code: 'not_a_mail_server',
    fault: 'configuration',
    retryable: false,
    hint: 'The service on that port is not a mail server. Check the host and the port.',
  });
}

/**
 * Returns the error for what Node reports about a failed TLS handshake, also through nodemailer, or undefined if the
 * error is not about TLS.
 */
export function handshakeError(error: unknown): AdapterError | undefined {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // nodemailer overwrites Node's code with its own and keeps the original one here.
  const { originalCode } = (error ?? {}) as NodemailerError;
  return tlsError(Object.assign(new Error(message), { code: originalCode ?? code }));
}

export function handshakeTimedOut(): AdapterError {
  // As Node's own TLS server names it.
  return handshakeError({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }) ?? replyTimedOut('tls');
}

import { AdapterError, type Stage, tlsError } from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';

/** The connection ended without a word. */
export function connectionClosed(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server closed the connection before it confirmed the message. It is not certain whether the message was taken.'
      : 'The server closed the connection. Check host, port and encryption, or try again later.';
  return new AdapterError({ stage, code: 'connection_closed', fault: 'network', retryable: true, hint });
}

/** The server fell silent in the middle of a conversation. */
export function replyTimedOut(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server did not confirm the message in time. It is not certain whether the message was taken.'
      : 'The server took too long to answer. Try again later.';
  return new AdapterError({ stage, code: 'timeout', fault: 'network', retryable: true, hint });
}

/** Connected, and nobody speaks: what a server does that waits for TLS. */
export function noGreeting(implicitTls: boolean): AdapterError {
  const hint = implicitTls
    ? 'The encrypted connection was made, but the server sent no greeting. Check host and port, or try again later.'
    : 'The connection was made, but the server sent no greeting. The port probably expects TLS from the first byte: choose that kind of encryption (usually on port 465), or another port (usually 587).';
  return new AdapterError({ stage: 'connect', code: 'no_greeting', fault: 'configuration', retryable: false, hint });
}

/** What answers is no SMTP server. Its words are not repeated: they may come from a neighbour's service. */
export function notAMailServer(): AdapterError {
  return new AdapterError({
    stage: 'connect',
    code: 'not_a_mail_server',
    fault: 'configuration',
    retryable: false,
    hint: 'What answers on that port is not a mail server. Check host and port.',
  });
}

/** What Node reports about a failed TLS handshake, also from below nodemailer; undefined if it is not about TLS. */
export function handshakeError(error: unknown): AdapterError | undefined {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // nodemailer puts its own code over Node's and keeps that one.
  const { originalCode } = (error ?? {}) as NodemailerError;
  return tlsError(Object.assign(new Error(message), { code: originalCode ?? code }));
}

export function handshakeTimedOut(): AdapterError {
  // As Node's own TLS server names it.
  return handshakeError({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }) ?? replyTimedOut('tls');
}

import {
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type Scrubber,
  type Stage,
  tlsError,
} from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import { MissingExtensionError } from './smtp.nodemailer.ts';
import { REPLY_ERRORS } from './smtp.reply-errors.ts';
import { errorOfReply, type Phase } from './smtp.reply-rules.ts';
import { parseReply, type SmtpReply } from './smtp.reply.ts';

/** What is known about the conversation in which an error occurred. */
export interface ErrorContext {
  /** Where it stopped; an error that names its command overrides it. */
  readonly stage: Stage;
  readonly implicitTls: boolean;
  /** Removes the secrets from the server's reply: some servers repeat the login. */
  readonly scrub: Scrubber;
}

// nodemailer's `command`.
const PHASES: readonly (readonly [command: RegExp, phase: Phase])[] = [
  [/^(EHLO|HELO)/, 'hello'],
  [/^STARTTLS/, 'starttls'],
  [/^AUTH/, 'authenticate'],
  [/^MAIL FROM/, 'sender'],
  [/^RCPT TO/, 'recipient'],
  [/^DATA/, 'message'],
];
const STAGES: Readonly<Record<Phase, Stage>> = {
  greeting: 'connect',
  hello: 'connect',
  starttls: 'tls',
  authenticate: 'authenticate',
  sender: 'sender',
  recipient: 'recipient',
  message: 'message',
};

/** A server may reject the sender at any later command; the sender is then at fault. */
const SENDER_CODES: ReadonlySet<AdapterErrorCode> = new Set(['sender_rejected', 'sender_not_verified']);

/** Converts an error of nodemailer. Nothing of nodemailer's own text is kept. */
export function smtpError(error: unknown, context: ErrorContext): AdapterError {
  if (error instanceof AdapterError) return error;
  if (error instanceof MissingExtensionError) return error.refusal;
  const reported = (error ?? {}) as Partial<NodemailerError>;
  if (typeof reported.response === 'string') return replyError(reported, reported.response, context);
  switch (reported.code) {
    case 'ETIMEDOUT':
      return timeoutError(reported.timeoutType, context);
    case 'ETLS':
      return connectionClosed('tls');
    case 'ESOCKET':
    case 'ECONNECTION':
      return handshakeError(reported) ?? connectionClosed(context.stage);
    case 'EMESSAGE':
      // Refused before it was sent, because of the size limit that the server announced.
      return new AdapterError({ stage: 'message', ...REPLY_ERRORS.tooLarge });
    case 'EAUTH':
      // Without a reply: the server offered no login mechanism that this service supports.
      return new AdapterError({ stage: 'authenticate', ...REPLY_ERRORS.noLogin });
    case 'EPROTOCOL':
      if (reported.message === TOO_LARGE) return replyTooLarge(context.stage);
      return context.stage === 'connect' ? notAMailServer() : invalidResponse(context.stage);
    case undefined:
    default:
      return new AdapterError({ stage: context.stage, ...UNEXPECTED });
  }
}

/** Returns the error for the rejection of one recipient. */
export function recipientError(error: NodemailerError, context: ErrorContext): AdapterErrorDetails {
  return smtpError(error, { ...context, stage: 'recipient' }).details;
}

// nodemailer's message; it has no code for this.
const TOO_LARGE = 'Server response exceeds maximum allowed size';

const UNEXPECTED = {
  code: 'unexpected',
  fault: 'vendor',
  retryable: false,
  hint: 'The conversation with the server failed for an unknown reason. Contact your operator.',
} as const;

function replyError(error: Partial<NodemailerError>, response: string, context: ErrorContext): AdapterError {
  const phase = phaseOf(error, context);
  const reply = parseReply(response);
  if (reply === undefined || isFromSomethingElse(phase, reply)) {
    return phase === 'greeting' || phase === 'hello' ? notAMailServer() : invalidResponse(context.stage);
  }
  if (phase === undefined && reply.code < 400) return invalidResponse(context.stage);
  const rejection = errorOfReply(phase ?? farewellPhase(context.stage), reply);
  const stage = phase === undefined ? context.stage : STAGES[phase];
  return new AdapterError({
    ...rejection,
    stage: SENDER_CODES.has(rejection.code) ? 'sender' : stage,
    smtpCode: reply.code,
    ...(reply.enhancedCode === undefined ? {} : { enhancedCode: reply.enhancedCode }),
    reply: context.scrub(reply.text),
  });
}

function phaseOf(error: Partial<NodemailerError>, context: ErrorContext): Phase | undefined {
  const phase = PHASES.find(([command]) => command.test(error.command ?? ''))?.[1];
  if (phase !== undefined) return phase;
  // `CONN` is used for every phase; only the text distinguishes the greeting from the rest.
  return context.stage === 'connect' || error.message?.startsWith('Invalid greeting') === true ? 'greeting' : undefined;
}

// An FTP server also greets with 220 and then does not know EHLO; a mail server refuses only with 5xx or 4xx.
function isFromSomethingElse(phase: Phase | undefined, reply: SmtpReply): boolean {
  if (phase === 'greeting') return reply.code < 400;
  return phase === 'hello' && /^50[023]$/.test(String(reply.code));
}

// A reply without a command, usually a 421 (RFC 5321, 3.8). During a transaction it can have any reason.
function farewellPhase(stage: Stage): Phase {
  return stage === 'message' || stage === 'recipient' ? 'message' : 'greeting';
}

function timeoutError(type: string | undefined, context: ErrorContext): AdapterError {
  if (type === 'GREETING_TIMEOUT' || type === 'CONNECT_TIMEOUT') return noGreeting(context.implicitTls);
  return type === 'UPGRADE_TIMEOUT' ? handshakeTimedOut() : replyTimedOut(context.stage);
}

function invalidResponse(stage: Stage): AdapterError {
  return new AdapterError({
    stage,
    code: 'invalid_response',
    fault: 'vendor',
    retryable: false,
    hint: 'The server’s reply is not valid SMTP. Check the host and the port.',
  });
}

function replyTooLarge(stage: Stage): AdapterError {
  return new AdapterError({
    stage,
    code: 'response_too_large',
    fault: 'vendor',
    retryable: false,
    hint: 'The server’s reply is too long for a mail server. Check the host and the port.',
  });
}

/** The connection ended without a reply. */
export function connectionClosed(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server closed the connection before confirming the message. The message may have been sent.'
      : 'The server closed the connection. Check the host, the port and the encryption, or try again later.';
  return new AdapterError({ stage, code: 'connection_closed', fault: 'network', retryable: true, hint });
}

/** The server stopped responding during a conversation. */
function replyTimedOut(stage: Stage): AdapterError {
  const hint =
    stage === 'message'
      ? 'The server did not confirm the message in time. The message may have been sent.'
      : 'The server took too long to respond. Try again later.';
  return new AdapterError({ stage, code: 'timeout', fault: 'network', retryable: true, hint });
}

/** Connected, but there is no greeting: typical of a server that waits for TLS. */
function noGreeting(implicitTls: boolean): AdapterError {
  const hint = implicitTls
    ? 'The server sent no greeting over the encrypted connection. Check the host and the port, or try again later.'
    : 'The server sent no greeting. The port probably expects implicit TLS: select it (usually port 465), or use another port (usually 587).';
  return new AdapterError({ stage: 'connect', code: 'no_greeting', fault: 'configuration', retryable: false, hint });
}

/** The response is not SMTP. It is not repeated: it may come from a neighbor's service. */
function notAMailServer(): AdapterError {
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
function handshakeError(error: unknown): AdapterError | undefined {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  // nodemailer overwrites Node's code with its own and keeps the original one here.
  const { originalCode } = (error ?? {}) as NodemailerError;
  return tlsError(Object.assign(new Error(message), { code: originalCode ?? code }));
}

function handshakeTimedOut(): AdapterError {
  // As Node's own TLS server names it.
  return handshakeError({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }) ?? replyTimedOut('tls');
}

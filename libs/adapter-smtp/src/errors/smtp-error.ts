import {
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type Scrubber,
  type Stage,
} from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import { MissingExtensionError } from '../connection/declare-extensions.ts';
import {
  connectionClosed,
  handshakeError,
  handshakeTimedOut,
  noGreeting,
  notAMailServer,
  replyTimedOut,
} from './connection-error.ts';
import { MEANINGS } from './reply-meanings.ts';
import { meaningOf, type Phase } from './reply-rules.ts';
import { parseReply, type SmtpReply } from './smtp-reply.ts';

/** What is known about the conversation in which an error came up. */
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

/** A server may reject the sender at any later command; it is the sender that failed then. */
const SENDER_CODES: ReadonlySet<AdapterErrorCode> = new Set(['sender_rejected', 'sender_not_verified']);

/** The error for what nodemailer reports. Of nodemailer's own text nothing is kept. */
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
      // Refused before it was sent, by the size that the server announced.
      return new AdapterError({ stage: 'message', ...MEANINGS.tooLarge });
    case 'EAUTH':
      // Without a reply: the server offered no login that this service has.
      return new AdapterError({ stage: 'authenticate', ...MEANINGS.noLogin });
    case 'EPROTOCOL':
      if (reported.message === TOO_LARGE) return replyTooLarge(context.stage);
      return context.stage === 'connect' ? notAMailServer() : invalidResponse(context.stage);
    case undefined:
    default:
      return new AdapterError({ stage: context.stage, ...UNEXPECTED });
  }
}

/** What the refusal of one recipient means. */
export function recipientError(error: NodemailerError, context: ErrorContext): AdapterErrorDetails {
  return smtpError(error, { ...context, stage: 'recipient' }).details;
}

// nodemailer's own message; it has no code for this.
const TOO_LARGE = 'Server response exceeds maximum allowed size';

const UNEXPECTED = {
  code: 'unexpected',
  fault: 'vendor',
  retryable: false,
  hint: 'The conversation with the server failed for a reason that this service does not know.',
} as const;

function replyError(error: Partial<NodemailerError>, response: string, context: ErrorContext): AdapterError {
  const phase = phaseOf(error, context);
  const reply = parseReply(response);
  if (reply === undefined || isFromSomethingElse(phase, reply)) {
    return phase === 'greeting' || phase === 'hello' ? notAMailServer() : invalidResponse(context.stage);
  }
  if (phase === undefined && reply.code < 400) return invalidResponse(context.stage);
  const meaning = meaningOf(phase ?? farewellPhase(context.stage), reply);
  const stage = phase === undefined ? context.stage : STAGES[phase];
  return new AdapterError({
    ...meaning,
    stage: SENDER_CODES.has(meaning.code) ? 'sender' : stage,
    smtpCode: reply.code,
    ...(reply.enhancedCode === undefined ? {} : { enhancedCode: reply.enhancedCode }),
    reply: context.scrub(reply.text),
  });
}

function phaseOf(error: Partial<NodemailerError>, context: ErrorContext): Phase | undefined {
  const phase = PHASES.find(([command]) => command.test(error.command ?? ''))?.[1];
  if (phase !== undefined) return phase;
  // `CONN` stands for every phase; only the text tells the greeting from the rest.
  return context.stage === 'connect' || error.message?.startsWith('Invalid greeting') === true ? 'greeting' : undefined;
}

// An FTP server greets with 220 as well and then knows no EHLO; a mail server refuses with 5xx or 4xx, nothing else.
function isFromSomethingElse(phase: Phase | undefined, reply: SmtpReply): boolean {
  if (phase === 'greeting') return reply.code < 400;
  return phase === 'hello' && /^50[023]$/.test(String(reply.code));
}

// A reply that answers no command, most often a 421 (RFC 5321, 3.8). In a transaction it may have any reason.
function farewellPhase(stage: Stage): Phase {
  return stage === 'message' ? 'message' : 'greeting';
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
    hint: 'The server answered what no mail server may answer. Check host and port.',
  });
}

function replyTooLarge(stage: Stage): AdapterError {
  return new AdapterError({
    stage,
    code: 'response_too_large',
    fault: 'vendor',
    retryable: false,
    hint: 'The server’s reply is too long for a mail server. Check host and port.',
  });
}

import { AdapterError, type AdapterErrorDetails, type Scrubber, type Stage } from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
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
  /** Where it stood; an error that tells better says so itself. */
  readonly stage: Stage;
  readonly implicitTls: boolean;
  /** Removes the secrets from what the server said: some repeat the login. */
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

/** The error for what nodemailer reports. Of nodemailer's own text nothing is kept. */
export function smtpError(error: unknown, context: ErrorContext): AdapterError {
  if (error instanceof AdapterError) return error;
  const told = (error ?? {}) as Partial<NodemailerError>;
  if (typeof told.response === 'string') return replyError(told, told.response, context);
  switch (told.code) {
    case 'ETIMEDOUT':
      return timeoutError(told.timeoutType, context);
    case 'ETLS':
      return connectionClosed('tls');
    case 'ESOCKET':
    case 'ECONNECTION':
      return handshakeError(told) ?? connectionClosed(context.stage);
    case 'EMESSAGE':
      // Refused before it was sent, by the size that the server announced.
      return new AdapterError({ stage: 'message', ...MEANINGS.tooLarge });
    case 'EPROTOCOL':
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
  if (phase !== undefined) {
    return new AdapterError({ stage: STAGES[phase], ...meaningOf(phase, reply), ...said(reply, context) });
  }
  // A reply that nobody asked for: a farewell, or nonsense.
  if (reply.code < 400) return invalidResponse(context.stage);
  return new AdapterError({ stage: context.stage, ...MEANINGS.trouble, ...said(reply, context) });
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

function said(
  reply: SmtpReply,
  context: ErrorContext,
): Pick<AdapterErrorDetails, 'smtpCode' | 'enhancedCode' | 'reply'> {
  return {
    smtpCode: reply.code,
    ...(reply.enhancedCode === undefined ? {} : { enhancedCode: reply.enhancedCode }),
    reply: context.scrub(reply.text),
  };
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

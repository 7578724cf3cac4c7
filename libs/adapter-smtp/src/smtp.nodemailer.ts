import type { Socket } from 'node:net';
import { AdapterError, jsonPointer, type MemberPath, type Stage } from '@score-crm/adapter-kit';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import DataStream from 'nodemailer/lib/smtp-connection/data-stream';
import { MAX_REPLY_BYTES, TIME_LIMITS } from './smtp.connection.ts';
import { transformed } from './smtp.mime.ts';

/** The extensions that a message requires, each with the message member that needs it. */
export interface NeededExtensions {
  /** RFC 6531: non-ASCII addresses or message ids. */
  readonly smtpUtf8?: MemberPath;
  /** RFC 6152: an attached message with non-ASCII bytes, which must not be encoded again. */
  readonly eightBitMime?: MemberPath;
}

/** nodemailer skips blank lines, which some servers send; their queue must not grow without a limit. */
const MAX_EXTRA_REPLIES = 16;

/**
 * Members that nodemailer's types omit. test/reply-limits.spec.ts and test/wire-form.spec.ts fail if a new version no
 * longer has them.
 */
interface Internals {
  _socket: Socket | false | null;
  /** The replies that arrived and have not been processed, the last one possibly incomplete. */
  _responseQueue: string[];
  /** One for each expected reply. */
  _responseActions: unknown[];
  /** Called with what the server sends, also after TLS has started. */
  _onData(chunk: Buffer): void;
  /** Discards what arrived, reports an error and closes the connection. */
  _onResponseTooLarge(): void;
  _onTimeout(): void;
  /** What the server offered in its reply to EHLO. */
  readonly _supportedExtensions: readonly string[];
  _setEnvelope(envelope: Envelope, callback: (error: Error | null, info?: unknown) => void): void;
  _sendCommand(command: string, ...rest: readonly unknown[]): void;
  /** Returns what a message is written to, and expects the reply to it. */
  _createSendStream(done: (error: Error | null, reply?: string) => void): { write(message: Buffer): void; end(): void };
  _actionSMTPStream(reply: string, done: (error: Error | null, reply?: string) => void): void;
}

interface Envelope {
  readonly needs?: NeededExtensions;
}

/**
 * Adds to a connection, before it is used, what nodemailer itself does not check.
 * @param onContent called before the content of a message is sent, when the server has accepted the envelope
 */
export function prepareConnection(connection: SMTPConnection, onContent: () => void): void {
  limitReplies(connection as unknown as Internals);
  prepareEnvelopes(connection as unknown as Internals, onContent);
  sendInOnePiece(connection as unknown as Internals);
}

/**
 * Ends a conversation if the server sends more than was requested. nodemailer's `maxResponseSize` limits an incomplete
 * reply. This limits complete replies, their number, and the time from the first byte of a reply to its last.
 */
function limitReplies(internals: Internals): void {
  const onData = internals._onData.bind(internals);
  let progress = '';
  let began = 0;
  internals._onData = (chunk) => {
    const socket = internals._socket;
    onData(chunk);
    const now = performance.now();
    const current = `${String(socket ? socket.bytesWritten : 0)} ${String(internals._responseActions.length)}`;
    if (current !== progress) {
      progress = current;
      began = now;
    }
    if (isTooMuch(internals)) internals._onResponseTooLarge();
    else if (now - began > TIME_LIMITS.reply) internals._onTimeout();
    else return;
    if (socket) socket.destroy();
  };
}

function isTooMuch({ _responseQueue: replies, _responseActions: awaited }: Internals): boolean {
  if (replies.length > awaited.length + MAX_EXTRA_REPLIES) return true;
  return replies.some((reply) => reply.length > MAX_REPLY_BYTES);
}

/** A message that the server cannot accept, detected before any of it was sent. The conversation can continue. */
export class MissingExtensionError extends Error {
  override readonly name = 'MissingExtensionError';
  /** nodemailer's code for a refused message. */
  readonly code = 'EENVELOPE';

  constructor(readonly refusal: AdapterError) {
    super(refusal.message);
  }
}

/**
 * Declares to the server what a message needs, and refuses the message if the server does not offer it: nodemailer
 * would send it anyway, since it checks only the envelope. Reports when the envelope is accepted.
 */
function prepareEnvelopes(internals: Internals, onContent: () => void): void {
  const setEnvelope = internals._setEnvelope.bind(internals);
  const sendCommand = internals._sendCommand.bind(internals);
  let needs: NeededExtensions = {};
  internals._setEnvelope = (envelope, callback) => {
    needs = envelope.needs ?? {};
    const refusal = missing(needs, internals._supportedExtensions);
    if (refusal !== undefined) {
      setImmediate(() => callback(new MissingExtensionError(refusal)));
      return;
    }
    setEnvelope(envelope, (error, info) => {
      if (error === null) onContent();
      callback(error, info);
    });
  };
  internals._sendCommand = (command, ...rest) => {
    const isUndeclared =
      needs.smtpUtf8 !== undefined && command.startsWith('MAIL FROM:') && !/ SMTPUTF8\b/.test(command);
    sendCommand(isUndeclared ? `${command} SMTPUTF8` : command, ...rest);
  };
}

function missing({ smtpUtf8, eightBitMime }: NeededExtensions, offered: readonly string[]): AdapterError | undefined {
  if (smtpUtf8 !== undefined && !offered.includes('SMTPUTF8')) {
    const what = smtpUtf8[0] === 'headers' ? 'message IDs' : 'addresses';
    return unsupported(smtpUtf8, `The server does not support non-ASCII ${what} (SMTPUTF8). Use a different one.`);
  }
  if (eightBitMime !== undefined && !offered.includes('8BITMIME')) {
    const hint =
      'The server does not support non-ASCII bytes in an attached message (8BITMIME). Attach it as application/octet-stream.';
    return unsupported(eightBitMime, hint);
  }
  return undefined;
}

function unsupported(path: MemberPath, hint: string): AdapterError {
  const stage: Stage = path[0] === 'from' ? 'sender' : 'message';
  return new AdapterError({
    stage,
    code: 'unsupported',
    fault: 'sender',
    retryable: false,
    hint,
    pointer: jsonPointer(...path),
  });
}

/** Sends a message and its end together. nodemailer would pipe both through a stream, in several pieces. */
function sendInOnePiece(internals: Internals): void {
  internals._createSendStream = (done) => {
    internals._responseActions.push((reply: string) => internals._actionSMTPStream(reply, done));
    return {
      write: (message) => {
        const { _socket: socket } = internals;
        if (socket) socket.write(transformed(new DataStream(), message));
      },
      end: () => undefined,
    };
  };
}

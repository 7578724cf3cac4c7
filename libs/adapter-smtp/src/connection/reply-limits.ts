import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { TIME_LIMITS } from './time-limits.ts';

/** Bytes of one reply, all of its lines together. Real ones, EHLO's included, stay below 2 KiB. */
export const MOST_REPLY_BYTES = 8_192;
/** nodemailer skips blank lines, which some servers send; the queue of them must not grow without a bound. */
const MOST_REPLIES_TOO_MANY = 16;

/** What nodemailer's types leave out. test/reply-limits.spec.ts fails if a new version no longer has it. */
interface Internals {
  _socket: Socket | false | null;
  /** The replies that came and were not processed yet, the last one perhaps not in full. */
  _responseQueue: string[];
  /** One for each reply that is waited for. */
  _responseActions: unknown[];
  /** Calls this with what the server sends, also after TLS has begun. */
  _onData(chunk: Buffer): void;
  /** Forgets what came, reports an error and closes. */
  _onResponseTooLarge(): void;
  _onTimeout(): void;
}

/**
 * Ends a conversation whose server sends more than it was asked for. nodemailer's `maxResponseSize` bounds a reply that is
 * not complete; this bounds the complete ones, their number, and the time from a reply's first byte to its last.
 */
export function limitReplies(connection: SMTPConnection): void {
  const internals = connection as unknown as Internals;
  const onData = internals._onData.bind(connection);
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
  if (replies.length > awaited.length + MOST_REPLIES_TOO_MANY) return true;
  return replies.some((reply) => reply.length > MOST_REPLY_BYTES);
}

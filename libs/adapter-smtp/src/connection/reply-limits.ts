import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { TIME_LIMITS } from './time-limits.ts';

/** Maximum bytes of one reply, all lines together. Real replies, including those to EHLO, stay below 2 KiB. */
export const MAX_REPLY_BYTES = 8_192;
/** nodemailer skips blank lines, which some servers send; their queue must not grow without a limit. */
const MAX_EXTRA_REPLIES = 16;

/** Members that nodemailer's types omit. test/reply-limits.spec.ts fails if a new version no longer has them. */
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
}

/**
 * Ends a conversation if the server sends more than was requested. nodemailer's `maxResponseSize` limits an incomplete
 * reply. This limits complete replies, their number, and the time from the first byte of a reply to its last.
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
  if (replies.length > awaited.length + MAX_EXTRA_REPLIES) return true;
  return replies.some((reply) => reply.length > MAX_REPLY_BYTES);
}

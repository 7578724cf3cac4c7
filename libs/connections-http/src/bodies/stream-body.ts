import type { Socket } from 'node:net';
import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';
import { type HttpRequest, type HttpResponse, incomingOf, outgoingOf } from '../http/messages.ts';
import { BodyTooLargeError, SlowBodyError } from './body.errors.ts';
import { assertNotCompressed, hasBody, mediaTypeOf, receivedBody } from './received-body.ts';

/** Between two pieces of a body. */
const IDLE_MS = 30_000;

/** The sockets of bodies that are being streamed: their requests may take longer than others. */
const streaming = new WeakSet<Socket>();

/** Whether a request that is being streamed uses this socket. It has its own time limit. */
export function isStreaming(socket: Socket): boolean {
  return streaming.has(socket);
}

export interface StreamedBodyLimits {
  /** The media types that are accepted. */
  readonly mediaTypes: readonly string[];
  /** The maximum number of bytes. */
  readonly bytes: number;
}

/**
 * Reads a body piece by piece, as fast as the caller takes the pieces: however large it is, only a few of them are in memory.
 * @throws UnsupportedMediaTypeException, ContentEncodingError, BodyTooLargeError, SlowBodyError if no piece arrives for 30
 *   seconds, or BadRequestException if the sender disconnected
 */
export async function* streamBody(
  request: HttpRequest,
  response: HttpResponse,
  { mediaTypes, bytes }: StreamedBodyLimits,
): AsyncGenerator<Buffer, undefined> {
  assertMediaType(request, mediaTypes);
  assertNotCompressed(request);
  if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
  if (!hasBody(request)) return;
  const body = receivedBody(request);
  if (Buffer.isBuffer(body)) {
    if (body.length > bytes) throw new BodyTooLargeError(bytes);
    yield body;
    return;
  }
  const { socket } = incomingOf(request);
  streaming.add(socket);
  // The rest of a rejected body is read and discarded, so that its sender receives the response.
  const pieces = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  try {
    let length = 0;
    for (;;) {
      const next = await nextPiece(pieces);
      if (next.done === true) return;
      length += next.value.length;
      if (length > bytes) throw new BodyTooLargeError(bytes);
      yield next.value;
    }
  } catch (error) {
    if (body.destroyed && !body.readableEnded && outgoingOf(response).destroyed)
      throw new BadRequestException('The body is incomplete. Send the request again.', { cause: error });
    throw error;
  } finally {
    streaming.delete(socket);
    body.resume();
  }
}

async function nextPiece(pieces: AsyncIterator<Buffer, undefined>): Promise<IteratorResult<Buffer, undefined>> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SlowBodyError(IDLE_MS)), IDLE_MS);
  });
  const next = pieces.next();
  // It fails after the time is over, when the connection is closed.
  next.catch(() => undefined);
  try {
    return await Promise.race([next, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws UnsupportedMediaTypeException */
function assertMediaType(request: HttpRequest, accepted: readonly string[]): void {
  if (accepted.includes(mediaTypeOf(request))) return;
  throw new UnsupportedMediaTypeException(
    `The media type is not supported. Send the body as ${accepted.join(' or ')}.`,
  );
}

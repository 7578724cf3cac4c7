import type { Socket } from 'node:net';
import { applyDecorators, BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import { assertNotCompressed } from './bodies.interceptor.ts';
import { BodyTooLargeError, SlowBodyError } from './body.errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of a body that `streamBody` reads. */
    streamedTypes?: readonly string[];
  }
}

/** The handler reads the body with `streamBody`. */
export function StreamedBody(mediaTypes: readonly string[]): MethodDecorator {
  const config: Partial<FastifyContextConfig> = { rawBody: true, streamedTypes: mediaTypes };
  return applyDecorators(RouteConfig(config));
}

/** Between two pieces of a body. */
const IDLE_MS = 30_000;

/** The sockets of bodies that are being streamed: their requests may take longer than others. */
const streaming = new WeakSet<Socket>();

/** Whether a request that is being streamed uses this socket. It has its own time limit. */
export function isStreaming(socket: Socket): boolean {
  return streaming.has(socket);
}

/**
 * Reads a body piece by piece, as fast as the caller takes the pieces: however large it is, only a few of them are in memory.
 * @param limit the maximum number of bytes
 * @throws UnsupportedMediaTypeException, ContentEncodingError, BodyTooLargeError, SlowBodyError if no piece arrives for 30
 *   seconds, or BadRequestException if the sender disconnected
 */
export async function* streamBody(
  request: FastifyRequest,
  reply: FastifyReply,
  limit: number,
): AsyncGenerator<Buffer, undefined> {
  assertMediaType(request);
  assertNotCompressed(request.headers);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError(limit);
  const { unreadBody } = request;
  if (unreadBody === undefined) return;
  const { socket } = request.raw;
  streaming.add(socket);
  // The rest of a rejected body is read and discarded, so that its sender receives the response.
  const pieces = unreadBody.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  try {
    let length = 0;
    for (;;) {
      const next = await nextPiece(pieces);
      if (next.done === true) return;
      length += next.value.length;
      if (length > limit) throw new BodyTooLargeError(limit);
      yield next.value;
    }
  } catch (error) {
    if (unreadBody.destroyed && !unreadBody.readableEnded && reply.raw.destroyed)
      throw new BadRequestException('The body is incomplete. Send the request again.', { cause: error });
    throw error;
  } finally {
    streaming.delete(socket);
    unreadBody.resume();
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

/** Fastify has not seen the type of a raw body: it would refuse what it cannot parse. */
function assertMediaType({ raw, routeOptions }: FastifyRequest): void {
  const { streamedTypes = [] } = routeOptions.config;
  const { rawHeaders } = raw;
  const index = rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-type');
  const type = index === -1 ? '' : (rawHeaders[index + 1] ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  if (streamedTypes.includes(type)) return;
  throw new UnsupportedMediaTypeException(
    `The media type is not supported. Send the body as ${streamedTypes.join(' or ')}.`,
  );
}

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { BadRequestException } from '@nestjs/common';
import { BodyTooLargeError, SlowBodyError } from './body.errors.ts';

export interface IncomingBody {
  readonly body: Readable;
  /** The body stays in memory until the response is closed. */
  readonly response: ServerResponse;
  /** The maximum number of bytes. */
  readonly limit: number;
  /** Milliseconds in which the whole body must arrive. */
  readonly deadlineMs: number;
}

/** The memory that one body uses. */
export interface BodyRoom {
  /** @throws the error to reject the request with, if no memory is left */
  take(bytes: number): void;
  /** The whole body has arrived. */
  arrived(): void;
  /** Releases the memory; later calls of `take` are ignored. */
  release(): void;
}

/** Smaller chunks are copied into blocks: a chunk of one byte would use a hundred times its size. */
const BLOCK = 16_384;

/**
 * Reads a body within limits of bytes, time and memory. The rest of a rejected body is read and discarded, so that its
 * sender receives the response.
 * @param openRoom receives a function that rejects the body while it arrives
 * @throws BodyTooLargeError, SlowBodyError, BadRequestException if the sender disconnected, or the error of the room
 */
export function readBody(
  { body, response, limit, deadlineMs }: IncomingBody,
  openRoom: (refuse: (error: Error) => void) => BodyRoom,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const bytes = new GatheredBytes();
    let isSettled = false;
    const settle = (): boolean => {
      if (isSettled) return false;
      isSettled = true;
      clearTimeout(deadline);
      body.off('data', keep).off('end', finish).off('close', hangUp);
      return true;
    };
    const refuse = (error: Error): void => {
      if (!settle()) return;
      room.release();
      bytes.clear();
      body.resume();
      reject(error);
    };
    const hangUp = (): void => refuse(new BadRequestException('The body is incomplete. Send the request again.'));
    const keep = (chunk: Buffer): void => {
      try {
        if (bytes.length + chunk.length > limit) throw new BodyTooLargeError(limit);
        room.take(chunk.length);
        bytes.add(chunk);
      } catch (error) {
        refuse(error as Error);
      }
    };
    const finish = (): void => {
      if (!settle()) return;
      room.arrived();
      resolve(bytes.take());
    };
    const deadline = setTimeout(() => refuse(new SlowBodyError(deadlineMs)), deadlineMs);
    const room = openRoom(refuse);
    response.once('close', () => {
      hangUp();
      room.release();
    });
    // An error of the stream without a listener would end the process.
    body.on('error', hangUp);
    if (response.destroyed || body.destroyed) hangUp();
    else body.on('data', keep).on('end', finish).on('close', hangUp);
  });
}

class GatheredBytes {
  length = 0;
  private readonly chunks: Buffer[] = [];
  private block = Buffer.alloc(0);
  private used = 0;

  add(chunk: Buffer): void {
    this.length += chunk.length;
    if (chunk.length > this.block.length - this.used) {
      this.closeBlock();
      if (chunk.length >= BLOCK) {
        this.chunks.push(chunk);
        return;
      }
      // The first blocks are small, since most bodies are.
      this.block = Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(256, chunk.length, this.length)));
    }
    this.used += chunk.copy(this.block, this.used);
  }

  take(): Buffer {
    this.closeBlock();
    const whole = Buffer.concat(this.chunks, this.length);
    this.clear();
    return whole;
  }

  clear(): void {
    this.closeBlock();
    this.chunks.length = 0;
  }

  private closeBlock(): void {
    if (this.used > 0) this.chunks.push(this.block.subarray(0, this.used));
    this.block = Buffer.alloc(0);
    this.used = 0;
  }
}

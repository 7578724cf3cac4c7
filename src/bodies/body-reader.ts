import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { BadRequestException } from '@nestjs/common';
import { OverloadedError } from './overloaded.error.ts';

export interface BodyLimits {
  /** Of all bodies that are there at one time. */
  readonly bytes: number;
  /** Of all bodies of one owner, so that nobody takes the room of everybody. */
  readonly bytesEach: number;
}

export interface IncomingBody {
  readonly body: Readable;
  /** Until it is closed, what was read is in memory. */
  readonly response: ServerResponse;
  /** Whose room it takes. */
  readonly owner: string;
  /** The most bytes that it may have. */
  readonly limit: number;
}

/** Reads bodies within a limit for each, and for all that are being read or worked on at one time. */
export class BodyReader {
  private readonly held = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: BodyLimits) {}

  /**
   * @returns undefined if it is longer than its limit
   * @throws OverloadedError, or BadRequestException if the body broke off
   */
  async read({ body, response, owner, limit }: IncomingBody): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    // Whoever hung up before would be told of no more.
    let isClosed = response.destroyed;
    response.once('close', () => {
      isClosed = true;
      this.hold(owner, -size);
    });
    let end: 'whole' | 'too long' | 'no room' = 'whole';
    try {
      // A stream that is destroyed takes its socket along, and with it the answer.
      for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (isClosed) break;
        if (size + chunk.length > limit) end = 'too long';
        else if (!this.hasRoom(owner, chunk.length)) end = 'no room';
        if (end !== 'whole') break;
        this.hold(owner, chunk.length);
        size += chunk.length;
        chunks.push(chunk);
      }
    } catch {
      isClosed = true;
    }
    if (isClosed) throw new BadRequestException('The body broke off.');
    if (end === 'whole') return Buffer.concat(chunks, size);
    // Read away, or whoever sends it would not hear the answer, nor get another one on this connection.
    body.resume();
    if (end === 'too long') return undefined;
    throw new OverloadedError();
  }

  private hasRoom(owner: string, bytes: number): boolean {
    const own = this.held.get(owner) ?? 0;
    return this.total + bytes <= this.limits.bytes && own + bytes <= this.limits.bytesEach;
  }

  private hold(owner: string, bytes: number): void {
    const own = (this.held.get(owner) ?? 0) + bytes;
    this.total += bytes;
    if (own === 0) this.held.delete(owner);
    else this.held.set(owner, own);
  }
}

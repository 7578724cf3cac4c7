import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { isIPv6 } from 'node:net';
import { BadRequestException, Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { BodyTooLargeError, CrowdedNetworkError, OverloadedError, SlowBodyError } from './body.errors.ts';

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
    const hangUp = (): void => {
      // Every response is closed at some time: an error that no one gets would cost more than reading most bodies.
      if (!isSettled) refuse(new BadRequestException('The body is incomplete. Send the request again.'));
    };
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

export interface BudgetLimits {
  /** The maximum bytes of all bodies in memory. */
  readonly bytes: number;
  /** The maximum bytes of one owner's bodies, so that no owner uses up the memory of the others. */
  readonly bytesEach: number;
}

/** The memory for bodies of authenticated senders, with a limit for each owner. */
export class BodyBudget {
  private readonly held = new Map<string, number>();
  private total = 0;

  constructor(private readonly limits: BudgetLimits) {}

  /** Memory for one body. `take` throws OverloadedError. */
  open(owner: string): BodyRoom {
    let size = 0;
    let isReleased = false;
    return {
      take: (bytes) => {
        if (isReleased) return;
        if (!this.hasRoom(owner, bytes)) throw new OverloadedError();
        this.hold(owner, bytes);
        size += bytes;
      },
      arrived: () => undefined,
      release: () => {
        isReleased = true;
        this.hold(owner, -size);
        size = 0;
      },
    };
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

export const UNAUTHENTICATED_BYTES = 32 << 20;
/** More than the largest body of a webhook: a signature covers all of it. */
export const UNAUTHENTICATED_BYTES_PER_NETWORK = 12 << 20;

interface Body {
  readonly refuse: (error: Error) => void;
}

interface Network {
  readonly address: string;
  bytes: number;
  /** The bodies that are not complete yet, the oldest first. */
  readonly arriving: Set<Body>;
}

/**
 * The memory for bodies whose sender is not authenticated yet. It is separate from that of authenticated senders, with a
 * limit for each client address (IPv6: /64).
 *
 * When it is full, the body that has been arriving for the longest time is rejected, not the newest. Bodies that are sent
 * slowly to use up the memory are therefore dropped first.
 */
@Injectable()
export class UnauthenticatedBodies {
  private readonly networks = new Map<string, Network>();
  private total = 0;

  /**
   * Memory for one body. Its `take` throws CrowdedNetworkError or OverloadedError.
   * @param refuse is called when the body is dropped in favor of another
   */
  open(clientAddress: string, refuse: (error: Error) => void): BodyRoom {
    const network = this.networkAt(networkOf(clientAddress));
    const body: Body = { refuse };
    network.arriving.add(body);
    let size = 0;
    let isReleased = false;
    return {
      take: (bytes) => {
        if (isReleased) return;
        this.makeRoom(network, body, bytes);
        network.bytes += bytes;
        this.total += bytes;
        size += bytes;
      },
      arrived: () => network.arriving.delete(body),
      release: () => {
        isReleased = true;
        network.arriving.delete(body);
        network.bytes -= size;
        this.total -= size;
        size = 0;
        this.forget(network);
      },
    };
  }

  private networkAt(address: string): Network {
    const network = this.networks.get(address) ?? { address, bytes: 0, arriving: new Set() };
    this.networks.set(address, network);
    return network;
  }

  private forget(network: Network): void {
    const isEmpty = network.bytes === 0 && network.arriving.size === 0;
    if (isEmpty && this.networks.get(network.address) === network) this.networks.delete(network.address);
  }

  private makeRoom(network: Network, body: Body, bytes: number): void {
    while (network.bytes + bytes > UNAUTHENTICATED_BYTES_PER_NETWORK) {
      refuseOldest(network, body, new CrowdedNetworkError());
    }
    while (this.total + bytes > UNAUTHENTICATED_BYTES) {
      const [first = network, ...others] = this.networks.values();
      const largest = others.reduce((most, other) => (other.bytes > most.bytes ? other : most), first);
      refuseOldest(largest, body, new OverloadedError());
    }
  }
}

/** @throws the error if the body itself is the oldest */
function refuseOldest({ arriving }: Network, body: Body, error: Error): void {
  const [oldest] = arriving;
  if (oldest === undefined || oldest === body) throw error;
  oldest.refuse(error);
}

/** An IPv6 client has a whole /64 to itself. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.parts.slice(0, 4).join(':');
}

import { Injectable } from '@nestjs/common';
import { CrowdedNetworkError, OverloadedError } from './body.errors.ts';
import type { BodyRoom } from './read-body.ts';
import { networkOf } from '../auth/sign-in.ts';

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

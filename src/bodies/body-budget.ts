import { OverloadedError } from './overloaded.error.ts';
import type { BodyRoom } from './read-body.ts';

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

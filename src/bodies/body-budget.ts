import { OverloadedError } from './overloaded.error.ts';
import type { BodyRoom } from './read-body.ts';

export interface BudgetLimits {
  /** Bytes of all bodies that are in memory at one time. */
  readonly bytes: number;
  /** Bytes of one owner's, so that one owner cannot use up the memory of the others. */
  readonly bytesEach: number;
}

/** The memory of bodies whose sender is authenticated, shared fairly by their owners. */
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

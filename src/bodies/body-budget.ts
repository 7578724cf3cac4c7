/** The bytes of all bodies that are being read or stored at one time. */
export class BodyBudget {
  private free: number;

  constructor(bytes: number) {
    this.free = bytes;
  }

  /** @returns what gives the bytes back, once; undefined if there are not so many. */
  take(bytes: number): (() => void) | undefined {
    if (bytes > this.free) return undefined;
    this.free -= bytes;
    let taken = bytes;
    return () => {
      this.free += taken;
      taken = 0;
    };
  }
}

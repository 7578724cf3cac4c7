const YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** Runs a synchronous function while the clock shows another year. */
export function inAnotherYear<T>(work: () => T): T {
  const RealDate = globalThis.Date;
  class OtherDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      // Arguments are left to the real Date.
      super(...((parts.length === 0 ? [OtherDate.now()] : parts) as [number]));
    }

    static override now(): number {
      return RealDate.now() + YEARS_MS;
    }
  }
  globalThis.Date = OtherDate as DateConstructor;
  try {
    return work();
  } finally {
    globalThis.Date = RealDate;
  }
}

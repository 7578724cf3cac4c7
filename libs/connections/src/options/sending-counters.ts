/** Emails that are counted until a time, such as those of a day. */
export interface CountedWindow {
  /** Contains the connection and the time. */
  readonly key: string;
  readonly limit: number;
  /** In milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * Counts what connections send. Several instances of an application must share it for their limits to be those of the
 * connection; by default, each counts in its own memory. If it fails, connections with limits do not send.
 */
export interface SendingCounters {
  /**
   * Adds emails to all of these windows, or to none of them if one would exceed its limit.
   * @returns the first window that would; undefined if they were added
   */
  add(windows: readonly CountedWindow[], emails: number, now: number): Promise<CountedWindow | undefined>;
  /** Takes back what was added. A window that has ended is ignored. */
  subtract(windows: readonly CountedWindow[], emails: number, now: number): Promise<void>;
  /** The emails in the windows with these keys, in this order. */
  counts(keys: readonly string[], now: number): Promise<readonly number[]>;
  /**
   * Takes one of `limit` places until it is released, at most until `expiresAt`, in milliseconds since 1970.
   * @returns false if there is none
   */
  acquire(key: string, holder: string, limit: number, expiresAt: number, now: number): Promise<boolean>;
  release(key: string, holder: string): Promise<void>;
}

export interface CallOptions {
  /** Aborts the call; the promise then rejects (or the diagnosis fails) with the code `aborted` or `timeout`. */
  readonly signal?: AbortSignal;
  /**
   * Lets calls with equal settings share sockets. It must change whenever the settings do.
   * Without a key, nothing is kept open after the call.
   */
  readonly poolKey?: string;
}

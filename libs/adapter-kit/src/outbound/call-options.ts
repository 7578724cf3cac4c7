/** Options of every call to a vendor. */
export interface CallOptions {
  /**
   * Aborts the call. The promise then rejects (for `diagnose`: the diagnosis fails) with the code `aborted` or
   * `timeout`.
   */
  readonly signal?: AbortSignal;
  /**
   * Lets calls with equal settings share sockets. It must change whenever the settings change. Without a key, no socket
   * stays open after the call.
   */
  readonly poolKey?: string;
}

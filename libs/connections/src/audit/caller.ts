/** On whose behalf something is done. */
export interface Caller {
  /** The tenant; nothing of another one is ever seen or touched. */
  readonly organization: string;
  /** Who it is, for the audit: e.g. `api-key:018f…` or `user:42`. */
  readonly actor: string;
}

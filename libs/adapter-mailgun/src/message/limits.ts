// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: 1_000,
  /**
   * Of the MIME message that Mailgun creates. Its “25MB” is interpreted as the smaller value, and so is each “KB”
   * below.
   */
  bytes: 25_000_000,
  /** Of all parameters that start with `o:`, `h:` or `v:`, names and values. */
  optionBytes: 16_000,
  /** Of the metadata as JSON: events truncate anything beyond this. */
  metadataBytes: 4_000,
  // https://help.mailgun.com/hc/en-us/articles/34389096824219-Tags
  tags: 10,
  // https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/track-tagging
  tagCharacters: 128,
  /** The limit of the larger plans. On the others, with three days, Mailgun itself rejects later times. */
  scheduleMs: 7 * 24 * 60 * 60 * 1000,
} as const;

// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: 1_000,
  /** Of the MIME message that Mailgun makes. Its “25MB” is taken for the smaller reading, and so is each “KB” below. */
  bytes: 25_000_000,
  /** Of all parameters that start with `o:`, `h:` or `v:`, names and values. */
  optionBytes: 16_000,
  /** Of the metadata, as JSON: beyond that, events have them cut off. */
  metadataBytes: 4_000,
  // https://help.mailgun.com/hc/en-us/articles/34389096824219-Tags
  tags: 10,
  // https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/track-tagging
  tagCharacters: 128,
  /** As the larger plans have it. Of the others, which have three days, Mailgun itself refuses the rest. */
  scheduleMs: 7 * 24 * 60 * 60 * 1000,
} as const;

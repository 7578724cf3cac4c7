// https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: 1_000,
  /** Of the request. The vendor's pages state both 20 MB and 30 MB. */
  bytes: 20_000_000,
  tags: 10,
  tagCharacters: 255,
  /** Of all keys and values together, as JSON. */
  metadataBytes: 10_000,
  scheduleMs: 72 * 60 * 60 * 1000,
} as const;

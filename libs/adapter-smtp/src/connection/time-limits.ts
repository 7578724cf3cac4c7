/** Time limits for each step of a conversation, in milliseconds. nodemailer's defaults are minutes. */
export const TIME_LIMITS = {
  connect: 7_000,
  /** For the greeting and for a TLS handshake. */
  greeting: 8_000,
  /** From the first packet to the end of STARTTLS. */
  setup: 20_000,
  /** Without a byte from the server. A receiver may scan a message before it replies (RFC 5321, 4.5.3.2.6). */
  silence: 120_000,
  /** From the first byte of a reply to its last: a server that trickles is never silent. */
  reply: 60_000,
  quit: 1_000,
  /** For a complete diagnosis. */
  diagnosis: 14_000,
} as const;

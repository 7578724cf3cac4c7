const ESCAPED = /[<>&]/g;

/**
 * Serializes a batch into the vendor's exact bytes: compact objects separated by a comma and CR LF, with the characters
 * escaped that Go escapes, and CR LF at the end. No JSON library reproduces this, which is why a signature must be
 * verified over the received bytes.
 */
export function vendorBody(events: readonly object[]): Buffer {
  const items = events.map((event) =>
    JSON.stringify(event).replace(ESCAPED, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  );
  return Buffer.from(`[${items.join(',\r\n')}]\r\n`);
}

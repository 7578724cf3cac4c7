const ESCAPED = /[<>&]/g;

/**
 * A batch in the vendor's own bytes: compact objects parted by a comma and CR LF, the characters that Go escapes escaped,
 * CR LF at the end. No JSON library writes it so again, which is why a signature must be checked over what came.
 */
export function vendorBody(events: readonly object[]): Buffer {
  const items = events.map((event) =>
    JSON.stringify(event).replace(ESCAPED, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
  );
  return Buffer.from(`[${items.join(',\r\n')}]\r\n`);
}

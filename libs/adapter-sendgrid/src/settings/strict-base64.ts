/** The bytes of base64 in its standard alphabet, padded and with nothing beside it; undefined for anything else. */
export function strictBase64(text: string): Buffer | undefined {
  // A pattern of groups of four would exhaust the stack with a long text.
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

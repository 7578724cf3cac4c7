/** Decodes standard base64 with padding. Returns undefined for anything else. */
export function strictBase64(text: string): Buffer | undefined {
  // Not with a pattern: on a long text it could exhaust the stack.
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}

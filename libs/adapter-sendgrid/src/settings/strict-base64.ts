/** The bytes of standard base64 with its padding; undefined for anything else. */
export function strictBase64(text: string): Buffer | undefined {
  // Not by a pattern: one over a long text can exhaust the stack.
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}

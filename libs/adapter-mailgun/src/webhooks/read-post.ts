/** A body as JSON: empty text if it is empty, undefined if it is none. */
export function readPost(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body).trim();
  if (text === '') return '';
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Decodes a username or password of a URL. @throws TypeError that contains no part of it */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('has a username or password that is not percent-encoded; write % as %25');
  }
}

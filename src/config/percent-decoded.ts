/** A user name or password of a URL. @throws TypeError that holds no part of it */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('has a user name or password that is not percent-encoded; write % as %25');
  }
}

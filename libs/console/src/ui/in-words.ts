/** A code of the API as people read it: `authentication_failed` → "Authentication failed". */
export function inWords(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

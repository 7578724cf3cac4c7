/**
 * Parses an http(s) base URL.
 * @returns the URL without a trailing slash
 * @throws TypeError that describes the expected form and contains no part of the URL
 */
export function parseBaseUrl(text: string, what: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError(`must be the https:// or http:// URL ${what}, for example ${example}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`must not contain a username, a password, a query or a fragment; for example ${example}`);
  }
  return url.href.replace(/\/+$/, '');
}

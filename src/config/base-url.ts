/**
 * Reads the http(s) address of something that paths are put behind.
 * @returns it without a slash at its end
 * @throws TypeError that describes the expected form and holds no part of the address
 */
export function parseBaseUrl(text: string, what: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError(`must be the https:// or http:// address ${what}; write ${example}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`must hold neither a user name nor a query; write ${example}`);
  }
  return url.href.replace(/\/+$/, '');
}

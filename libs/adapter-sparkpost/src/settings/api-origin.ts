const PATH = /^\/(?:api\/v1\/?)?$/;

/**
 * Returns the origin of an Enterprise account's API, `https://acme.api.e.sparkpost.com`, from the base URL that the
 * account manager provided, with or without `/api/v1`.
 * @returns undefined if the text is not such a URL
 */
export function apiOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, pathname, search, hash, origin } = new URL(text);
  const isBare = username === '' && password === '' && search === '' && hash === '' && PATH.test(pathname);
  return protocol === 'https:' && isBare ? origin : undefined;
}

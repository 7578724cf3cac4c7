const PATH = /^\/(?:api\/v1\/?)?$/;

/**
 * The origin of an Enterprise account's API, `https://acme.api.e.sparkpost.com`, of the base URL that the account manager
 * gave, with or without `/api/v1`.
 * @returns undefined if the text is no such URL
 */
export function apiOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, pathname, search, hash, origin } = new URL(text);
  const isBare = username === '' && password === '' && search === '' && hash === '' && PATH.test(pathname);
  return protocol === 'https:' && isBare ? origin : undefined;
}

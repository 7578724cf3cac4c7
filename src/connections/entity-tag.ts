import { InvalidQueryError } from '@score-crm/connections';

export function entityTag(version: number): string {
  return `"${String(version)}"`;
}

/**
 * The version that an If-Match header asks for; undefined without a header, or for `*`.
 * @throws InvalidQueryError for anything that is not the one tag that a read gave.
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new InvalidQueryError([
      { pointer: '/If-Match', code: 'malformed', message: 'Give the ETag of the connection as it was read, e.g. "3".' },
    ]);
  }
  return Number(version);
}

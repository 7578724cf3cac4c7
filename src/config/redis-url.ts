import { percentDecoded } from './percent-decoded.ts';

export interface RedisLocation {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** The number of the database. */
  readonly db: number;
  readonly tls: boolean;
}

const EXAMPLE = 'for example redis://user:password@host:6379/0, or rediss://… for TLS';

/**
 * Reads `redis://user:password@host:port/database`, or `rediss://…` for TLS.
 * @throws TypeError that describes the expected form and contains no part of the URL
 */
export function parseRedisUrl(text: string): RedisLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError(`must be the URL of a Redis server; ${EXAMPLE}`);
  }
  if (url.search !== '' || url.hash !== '') throw new TypeError(`must not have a query or a fragment; ${EXAMPLE}`);
  const database = /^\/?$/.test(url.pathname) ? '0' : url.pathname.slice(1);
  if (!/^\d{1,5}$/.test(database)) throw new TypeError(`must have a database number as its path; ${EXAMPLE}`);
  const username = percentDecoded(url.username);
  const password = percentDecoded(url.password);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    db: Number(database),
    tls: url.protocol === 'rediss:',
  };
}

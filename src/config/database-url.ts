export type DatabaseLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly username: string;
      readonly password: string;
      readonly database: string;
      /** How many connections are kept at most; 20 by default. */
      readonly poolSize?: number;
    };

/**
 * Reads `mysql://user:password@host:port/database`, `mariadb://…` or `sqlite:path`.
 * @throws TypeError that says what to write and holds no part of the URL.
 */
export function parseDatabaseUrl(text: string): DatabaseLocation {
  if (text.startsWith('sqlite:')) {
    const path = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path === '') throw new TypeError('names no file; write sqlite:data/connections.sqlite');
    return { kind: 'sqlite', path };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['mysql:', 'mariadb:'].includes(url.protocol)) {
    throw new TypeError('must be mysql://user:password@host:3306/database, mariadb://… or sqlite:path');
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '') throw new TypeError('names no database; write mysql://user:password@host:3306/database');
  return {
    kind: 'mysql',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 3306 : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
  };
}

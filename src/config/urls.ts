import { type DatabaseTls, readDatabaseTls } from './database-tls.ts';

/** The maximum number of connections to a MariaDB or MySQL server. */
export const DEFAULT_POOL_SIZE = 20;

export type DatabaseLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly username: string;
      readonly password: string;
      readonly database: string;
      /** Absent: the connection is not encrypted. */
      readonly ssl?: DatabaseTls;
      /** How many connections are kept at most; 20 by default. */
      readonly poolSize?: number;
    };

const DATABASE_EXAMPLE = 'for example mysql://user:password@host:3306/database';

/**
 * Reads `mysql://user:password@host:port/database?ssl-mode=VERIFY_IDENTITY`, `mariadb://…` or `sqlite:path`.
 * @throws TypeError that describes the expected form and contains no part of the URL but the name of a parameter
 */
export function parseDatabaseUrl(text: string): DatabaseLocation {
  if (text.startsWith('sqlite:')) {
    const path = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path === '') throw new TypeError('names no file; for example sqlite:data/connections.sqlite');
    if (/[?#]/.test(path)) throw new TypeError('has parameters, which sqlite: does not support; use sqlite:path');
    return { kind: 'sqlite', path };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['mysql:', 'mariadb:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError('must be mysql://user:password@host:3306/database, mariadb://… or sqlite:path');
  }
  if (url.hash !== '') throw new TypeError('has a fragment; write # in a password as %23');
  const database = percentDecoded(url.pathname.slice(1));
  if (database === '') throw new TypeError(`names no database; ${DATABASE_EXAMPLE}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const ssl = readDatabaseTls(url.searchParams, host);
  return {
    kind: 'mysql',
    host,
    port: url.port === '' ? 3306 : Number(url.port),
    username: percentDecoded(url.username),
    password: percentDecoded(url.password),
    database,
    ...(ssl === undefined ? {} : { ssl }),
  };
}

export interface RedisLocation {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** The number of the database. */
  readonly db: number;
  readonly tls: boolean;
}

const REDIS_EXAMPLE = 'for example redis://user:password@host:6379/0, or rediss://… for TLS';

/**
 * Reads `redis://user:password@host:port/database`, or `rediss://…` for TLS.
 * @throws TypeError that describes the expected form and contains no part of the URL
 */
export function parseRedisUrl(text: string): RedisLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError(`must be the URL of a Redis server; ${REDIS_EXAMPLE}`);
  }
  if (url.search !== '' || url.hash !== '')
    throw new TypeError(`must not have a query or a fragment; ${REDIS_EXAMPLE}`);
  const database = /^\/?$/.test(url.pathname) ? '0' : url.pathname.slice(1);
  if (!/^\d{1,5}$/.test(database)) throw new TypeError(`must have a database number as its path; ${REDIS_EXAMPLE}`);
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

/** A RabbitMQ server, in the form that amqplib takes. */
export interface AmqpLocation {
  readonly protocol: 'amqp' | 'amqps';
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
}

const AMQP_EXAMPLE = 'for example amqp://user:password@host:5672/vhost, or amqps://… for TLS';

/**
 * Reads `amqp://user:password@host:port/vhost`, or `amqps://…` for TLS.
 * @throws TypeError that describes the expected form and contains no part of the URL
 */
export function parseAmqpUrl(text: string): AmqpLocation {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['amqp:', 'amqps:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError(`must be the URL of a RabbitMQ server; ${AMQP_EXAMPLE}`);
  }
  if (url.search !== '' || url.hash !== '') throw new TypeError(`must not have a query or a fragment; ${AMQP_EXAMPLE}`);
  const isSecure = url.protocol === 'amqps:';
  return {
    protocol: isSecure ? 'amqps' : 'amqp',
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isSecure ? 5671 : 5672) : Number(url.port),
    // RabbitMQ's own defaults.
    username: percentDecoded(url.username) || 'guest',
    password: percentDecoded(url.password) || 'guest',
    vhost: percentDecoded(url.pathname.slice(1)) || '/',
  };
}

/** Decodes a username or password of a URL. @throws TypeError that contains no part of it */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('has a username or password that is not percent-encoded; write % as %25');
  }
}

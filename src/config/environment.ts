import { resolve } from 'node:path';
import { adapterIdentity, OutboundPolicy, parseEmailAddress } from '@score-crm/adapter-kit';
import {
  BACKGROUND_WORK,
  type BackgroundWorkSetting,
  DEFAULT_DATABASE_TIMEOUT_MS,
  KeyRing,
  RETENTION_LIMITS,
  type RetentionDays,
  SENDING_MODES,
  type SendingMode,
  SILENCE_HOURS,
} from '@score-crm/connections';
import {
  type Configuration,
  type JwtConfiguration,
  LOG_LEVELS,
  type LogLevel,
  type MetricsConfiguration,
} from './configuration.ts';
import {
  type DatabaseLocation,
  DEFAULT_POOL_SIZE,
  parseDatabaseUrl,
  type AmqpLocation,
  parseAmqpUrl,
  parseRedisUrl,
  type RedisLocation,
} from './urls.ts';
import { generatedKey } from './data-directory.ts';
import { readSecretFiles } from './secret-files.ts';
import { parseTrustedProxies } from './trusted-proxies.ts';
import * as adapters from '../adapters.ts';

/** The time that a stop needs after the last message was accepted, to store it and to close the database. */
const STOP_MARGIN_MS = 15_000;
const MIB = 1024 * 1024;

/** Variables that have another name now. Ignoring one silently would, for example, delete data earlier than configured. */
const RENAMED = [['RETIRED_WEBHOOK_DAYS', 'DELETED_CONNECTION_RETENTION_DAYS']] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly string[]) {
    super(`Invalid configuration:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** The value of a variable; empty if it is not set. */
type Given = (name: string) => string;
type Read = <T>(name: string, fallback: () => T, parse: (text: string) => T) => T;

/**
 * Reads the configuration. Outside production, a missing encryption key and database are created in `DATA_DIR`.
 * @throws ConfigurationError
 */
export function readConfiguration(environment: Environment = process.env): Configuration {
  const files = readSecretFiles(environment);
  const faults: string[] = [...files.faults.values()];
  const given: Given = (name) => files.values.get(name) ?? environment[name]?.trim() ?? '';
  const read: Read = <T>(name: string, fallback: () => T, parse: (text: string) => T): T => {
    // Never used: the faults are thrown below.
    if (files.faults.has(name)) return undefined as T;
    const text = given(name);
    try {
      return text === '' ? fallback() : parse(text);
    } catch (error) {
      faults.push(`${name} ${(error as Error).message}`);
      // Never used: the faults are thrown below.
      return undefined as T;
    }
  };

  const production = environment['NODE_ENV'] === 'production';
  const dataDirectory = resolve(given('DATA_DIR') || 'data');
  const inProduction = (hint: string): void => {
    if (production) throw new TypeError(`is required in production; ${hint}`);
  };
  const jwt = readJwt(given, read);
  const metrics = readMetrics(given, read);
  const redis = read<RedisLocation | undefined>('REDIS_URL', () => undefined, parseRedisUrl);
  const amqp = read<AmqpLocation | undefined>('EVENTS_AMQP_URL', () => undefined, parseAmqpUrl);
  const exchange = read('EVENTS_AMQP_EXCHANGE', () => DEFAULT_EXCHANGE, parseExchange);
  const operatorOrganization = read<string | undefined>(
    'OPERATOR_ORGANIZATION',
    () => (production ? undefined : FIRST_ORGANIZATION),
    String,
  );
  const port = read('PORT', () => 3000, parsePort);
  const poolSize = read('DATABASE_POOL_SIZE', () => DEFAULT_POOL_SIZE, parsePoolSize);
  const publicUrl = read<string | undefined>(
    'PUBLIC_URL',
    () => (production ? undefined : `http://127.0.0.1:${String(port)}`),
    parsePublicUrl,
  );
  const sendTimeoutMs = read('SEND_TIMEOUT_MS', () => 45_000, parseSendTimeout);
  const shutdownDrainMs = read('SHUTDOWN_DRAIN_MS', () => (production ? 5_000 : 0), parseMilliseconds);
  const organizationQuotaBytes = read('ORGANIZATION_QUOTA_MIB', () => 0, parseQuota) * MIB;
  const configuration: Configuration = {
    production,
    host: read('HOST', () => (production ? '0.0.0.0' : '127.0.0.1'), String),
    port,
    trustProxy: read<boolean | number | string[]>(
      'TRUST_PROXY',
      () => false,
      (text) => parseTrustedProxies(text, production),
    ),
    database: read<DatabaseLocation>(
      'DATABASE_URL',
      () => {
        inProduction('for example mysql://user:password@host:3306/database');
        return { kind: 'sqlite' as const, path: resolve(dataDirectory, 'connections.sqlite') };
      },
      (text) => {
        const location = parseDatabaseUrl(text);
        return location.kind === 'mysql' ? { ...location, poolSize } : location;
      },
    ),
    encryptionKeys: read(
      'ENCRYPTION_KEYS',
      () => {
        inProduction('for example k1:$(openssl rand -base64 32)');
        return generatedKey(dataDirectory);
      },
      (text) => {
        KeyRing.parse(text);
        return text;
      },
    ),
    outboundAllow: read('OUTBOUND_ALLOW', () => [], parseOutboundAllow),
    outboundPorts: read('OUTBOUND_PORTS', () => [], parseOutboundPorts),
    vendorEndpoints: readVendorEndpoints(read),
    databaseTimeoutMs: read('DATABASE_TIMEOUT_MS', () => DEFAULT_DATABASE_TIMEOUT_MS, parseDatabaseTimeout),
    sendTimeoutMs,
    deletedConnectionRetentionDays: read('DELETED_CONNECTION_RETENTION_DAYS', () => 30, parseRetentionDays),
    retentionDays: readRetention(read, faults),
    webhookSilenceHours: read('WEBHOOK_SILENCE_HOURS', () => SILENCE_HOURS.default, parseSilence),
    ...readSendingMode(given, read),
    backgroundWork: read<BackgroundWorkSetting>('BACKGROUND_WORK', () => 'all', parseOneOf(BACKGROUND_WORK)),
    rateLimits: {
      requests: read('RATE_LIMIT_REQUESTS', () => 1_000, parseRateLimit),
      connectionTests: read('RATE_LIMIT_TESTS', () => 30, parseRateLimit),
      signInFailures: read('RATE_LIMIT_SIGN_INS', () => 20, parseRateLimit),
    },
    migrationLockTimeoutMs: read('MIGRATION_LOCK_TIMEOUT_MS', () => 60_000, parseMilliseconds),
    shutdownDrainMs,
    shutdownTimeoutMs: read(
      'SHUTDOWN_TIMEOUT_MS',
      () => shutdownDrainMs + sendTimeoutMs + STOP_MARGIN_MS,
      parseMilliseconds,
    ),
    logLevel: read<LogLevel>('LOG_LEVEL', () => 'info', parseOneOf(LOG_LEVELS)),
    ...(organizationQuotaBytes > 0 ? { organizationQuotaBytes } : {}),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(jwt === undefined ? {} : { jwt }),
    ...(redis === undefined ? {} : { redis }),
    ...(operatorOrganization === undefined ? {} : { operatorOrganization }),
    ...(amqp === undefined ? {} : { broker: { ...amqp, exchange } }),
    ...(metrics === undefined ? {} : { metrics }),
  };
  for (const [before, after] of RENAMED) {
    if (given(before) !== '') faults.push(`${before} was renamed to ${after}; rename it`);
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return configuration;
}

/** Of the API key that a first start prints. */
const FIRST_ORGANIZATION = 'default';
const DEFAULT_EXCHANGE = 'score-connections.events';

/** Names that begin with `amq.` belong to RabbitMQ. */
function parseExchange(text: string): string {
  if (/^(?!amq\.)[\w.:-]{1,127}$/.test(text)) return text;
  throw new TypeError(
    'must be up to 127 letters, digits, dots, colons, hyphens and underscores, and not begin with amq.',
  );
}

const RETENTION_VARIABLES = {
  events: 'EVENT_RETENTION_DAYS',
  bodies: 'BODY_RETENTION_DAYS',
  deliveries: 'DELIVERY_RETENTION_DAYS',
  tests: 'TEST_RETENTION_DAYS',
  audit: 'AUDIT_RETENTION_DAYS',
  feed: 'FEED_RETENTION_DAYS',
} as const;

/** The module has the defaults. Of two that contradict each other, the one that was given is at fault. */
function readRetention(read: Read, faults: string[]): RetentionDays {
  const days = Object.fromEntries(
    Object.entries(RETENTION_VARIABLES).flatMap(([name, variable]) => {
      const min = name === 'events' ? RETENTION_LIMITS.minOfEvents : RETENTION_LIMITS.min;
      const value = read<number | undefined>(
        variable,
        () => undefined,
        (text) => parseDays(text, min, RETENTION_LIMITS.max),
      );
      return value === undefined ? [] : [[name, value]];
    }),
  ) as RetentionDays;
  const { events = 400, bodies = 1, deliveries = events } = days;
  const length = (count: number): number => count || Number.POSITIVE_INFINITY;
  const { events: ofEvents } = RETENTION_VARIABLES;
  if (length(bodies) > length(events)) {
    faults.push(`${RETENTION_VARIABLES.bodies} must not be longer than ${ofEvents} (${String(events)})`);
  }
  if (length(deliveries) < length(events)) {
    faults.push(`${RETENTION_VARIABLES.deliveries} must not be shorter than ${ofEvents} (${String(events)})`);
  }
  return days;
}

function parseDays(text: string, min: number, max: number): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && (days === 0 || (days >= min && days <= max))) return days;
  throw new TypeError(`must be a whole number of days from ${String(min)} to ${String(max)}, or 0 to keep everything`);
}

function parseSilence(text: string): number {
  const { min, max } = SILENCE_HOURS;
  const hours = Number(text);
  if (/^\d{1,3}$/.test(text) && hours >= min && hours <= max) return hours;
  throw new TypeError(`must be a whole number of hours from ${String(min)} to ${String(max)}`);
}

function parseOneOf<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new TypeError(`must be one of ${values.join(', ')}`);
    return value;
  };
}

/** Fails closed: a mode without its address, or an address without its mode, stops the start. */
function readSendingMode(given: Given, read: Read): Pick<Configuration, 'sendingMode' | 'sendingRedirectTo'> {
  const sendingMode = read<SendingMode>('SENDING_MODE', () => 'live', parseOneOf(SENDING_MODES));
  const isRedirect = given('SENDING_MODE') === 'redirect';
  const sendingRedirectTo = read<string | undefined>(
    'SENDING_REDIRECT_TO',
    () => {
      if (isRedirect) throw new TypeError('is required with SENDING_MODE=redirect');
      return undefined;
    },
    (text) => {
      if (!isRedirect) throw new TypeError('has no effect without SENDING_MODE=redirect; remove it, or set the mode');
      if (parseEmailAddress(text) === undefined) throw new TypeError('must be an email address');
      return text;
    },
  );
  return { sendingMode, ...(sendingRedirectTo === undefined ? {} : { sendingRedirectTo }) };
}

function parseQuota(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new TypeError('must be a whole number of MiB up to 999999999; 0 disables the quota');
  return Number(text);
}

type JwtKey = JwtConfiguration['key'];

function readJwt(given: Given, read: Read): JwtConfiguration | undefined {
  if (given('AUTH_JWT_SECRET') === '' && given('AUTH_JWKS_URL') === '') return undefined;
  const none = (): undefined => undefined;
  const missing = (): never => {
    throw new TypeError('is required to accept JWTs');
  };
  const secret = read<JwtKey | undefined>('AUTH_JWT_SECRET', none, parseJwtSecret);
  const jwks = read<JwtKey | undefined>('AUTH_JWKS_URL', none, (url) => {
    if (given('AUTH_JWT_SECRET') !== '')
      throw new TypeError('cannot be combined with AUTH_JWT_SECRET; remove one of them');
    return parseJwksUrl(url);
  });
  const issuer = read('AUTH_JWT_ISSUER', missing, String);
  const audience = read('AUTH_JWT_AUDIENCE', missing, String);
  const key = secret ?? jwks;
  return key === undefined ? undefined : { issuer, audience, key };
}

function parseJwtSecret(secret: string): JwtKey {
  if (Buffer.byteLength(secret) < 32)
    throw new TypeError('must have at least 32 bytes; generate one with: openssl rand -base64 32');
  return { kind: 'secret', secret };
}

function parseJwksUrl(text: string): JwtKey {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError('must be the https:// or http:// URL of a JSON Web Key Set');
  }
  // fetch refuses such a URL.
  if (url.username !== '' || url.password !== '') throw new TypeError('must not contain a username or password');
  return { kind: 'jwks', url: url.href };
}

function readMetrics(given: Given, read: Read): MetricsConfiguration | undefined {
  const none = (): undefined => undefined;
  const token = read<string | undefined>('METRICS_TOKEN', none, parseMetricsToken);
  const port = read<number | undefined>('METRICS_PORT', none, (text) => {
    const own = parsePort(text);
    if (own !== 0 && own === Number(given('PORT') || 3000)) throw new TypeError('must be another port than PORT');
    return own;
  });
  if (port === undefined && token === undefined) return undefined;
  return { ...(port === undefined ? {} : { port }), ...(token === undefined ? {} : { token }) };
}

function parseMetricsToken(token: string): string {
  if (/^[\x21-\x7e]{16,4096}$/.test(token)) return token;
  throw new TypeError(
    'must have 16 or more printable ASCII characters without spaces; generate one with: openssl rand -hex 32',
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new TypeError('must be a port from 0 to 65535');
  return port;
}

function parsePublicUrl(text: string): string {
  return parseBaseUrl(text, 'of the service', 'https://connections.example.com');
}

function readVendorEndpoints(read: Read): Readonly<Record<string, string>> {
  const parse = (text: string): string => parseBaseUrl(text, 'of the vendor’s API', 'https://proxy.example.com/vendor');
  const endpoints = [...API_URL_VARIABLES].flatMap(([vendor, variable]) => {
    const url = read<string | undefined>(variable, () => undefined, parse);
    return url === undefined ? [] : [[vendor, url] as const];
  });
  return Object.fromEntries(endpoints);
}

function parseOutboundAllow(text: string): string[] {
  const allow = text.split(',').map((entry) => entry.trim());
  new OutboundPolicy({ allow });
  return allow;
}

function parseOutboundPorts(text: string): number[] {
  return text.split(',').map((entry) => {
    const port = Number(entry.trim());
    if (!/^\s*\d{1,5}\s*$/.test(entry) || port < 1 || port > 65_535) {
      throw new TypeError('must be a comma-separated list of ports from 1 to 65535, for example 2526,10025');
    }
    return port;
  });
}

function parseRateLimit(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError('must be a whole number up to 999999999; 0 disables the limit');
  return Number(text);
}

function parseSendTimeout(text: string): number {
  const milliseconds = Number(text);
  if (!/^\d{4,6}$/.test(text) || milliseconds < 1_000)
    throw new TypeError('must be a number of milliseconds from 1000 to 999999');
  return milliseconds;
}

function parseMilliseconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new TypeError('must be a number of milliseconds from 0 to 999999');
  return Number(text);
}

function parseDatabaseTimeout(text: string): number {
  const milliseconds = Number(text);
  if (!/^\d{4,5}$/.test(text) || milliseconds < 1_000 || milliseconds > 60_000) {
    throw new TypeError('must be a number of milliseconds from 1000 to 60000');
  }
  return milliseconds;
}

function parsePoolSize(text: string): number {
  const size = Number(text);
  // Fewer than four connections could not be divided between webhooks, queries, health checks and everything else.
  if (!/^\d{1,3}$/.test(text) || size < 4 || size > 500) throw new TypeError('must be a number from 4 to 500');
  return size;
}

function parseRetentionDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 365)
    throw new TypeError('must be a whole number of days from 1 to 365');
  return days;
}

/** The variable that replaces a vendor's base URL, by vendor key: `SENDGRID_API_URL`. */
const API_URL_VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.values(adapters).flatMap((adapter) => {
    const vendor = adapterIdentity(adapter)?.vendor;
    return vendor === undefined ? [] : [[vendor, `${vendor.toUpperCase()}_API_URL`]];
  }),
);

/**
 * Parses an http(s) base URL.
 * @returns the URL without a trailing slash
 * @throws TypeError that describes the expected form and contains no part of the URL
 */
function parseBaseUrl(text: string, what: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError(`must be the https:// or http:// URL ${what}, for example ${example}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`must not contain a username, a password, a query or a fragment; for example ${example}`);
  }
  return url.href.replace(/\/+$/, '');
}

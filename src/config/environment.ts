import { resolve } from 'node:path';
import { OutboundPolicy } from '@score-crm/adapter-kit';
import { KeyRing } from '@score-crm/connections';
import { type Configuration, LOG_LEVELS, type LogLevel } from './configuration.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { generatedKey } from './generated-key.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment, every fault of it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/**
 * Reads the configuration. Outside production, what is missing is made: a key and a database in `DATA_DIR`.
 * @throws ConfigurationError
 */
export function readConfiguration(environment: Environment = process.env): Configuration {
  const faults: string[] = [];
  const read = <T>(name: string, fallback: () => T, parse: (text: string) => T): T => {
    const text = environment[name]?.trim() ?? '';
    try {
      return text === '' ? fallback() : parse(text);
    } catch (error) {
      faults.push(`${name} ${(error as Error).message}`);
      // Never used: the faults are thrown below.
      return undefined as T;
    }
  };

  const production = environment['NODE_ENV'] === 'production';
  const dataDirectory = resolve(environment['DATA_DIR'] ?? 'data');
  const inProduction = (hint: string): void => {
    if (production) throw new TypeError(`is missing; ${hint}`);
  };
  const configuration: Configuration = {
    production,
    host: read('HOST', () => (production ? '0.0.0.0' : '127.0.0.1'), String),
    port: read('PORT', () => 3000, parsePort),
    trustProxy: read<boolean | string>('TRUST_PROXY', () => false, parseTrustProxy),
    database: read(
      'DATABASE_URL',
      () => {
        inProduction('write mysql://user:password@host:3306/database');
        return { kind: 'sqlite' as const, path: resolve(dataDirectory, 'connections.sqlite') };
      },
      parseDatabaseUrl,
    ),
    encryptionKeys: read(
      'ENCRYPTION_KEYS',
      () => {
        inProduction('write kid:base64, for example k1:$(openssl rand -base64 32)');
        return generatedKey(dataDirectory);
      },
      (text) => {
        KeyRing.parse(text);
        return text;
      },
    ),
    outboundAllow: read('OUTBOUND_ALLOW', () => [], parseOutboundAllow),
    logLevel: read<LogLevel>('LOG_LEVEL', () => 'info', parseLogLevel),
  };
  if (faults.length > 0) throw new ConfigurationError(faults);
  return configuration;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new TypeError('must be a port from 0 to 65535');
  return port;
}

function parseTrustProxy(text: string): boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  // Fastify takes addresses and networks; it looks at them when it starts.
  return text;
}

function parseOutboundAllow(text: string): string[] {
  const allow = text.split(',').map((entry) => entry.trim());
  new OutboundPolicy({ allow });
  return allow;
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new TypeError(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

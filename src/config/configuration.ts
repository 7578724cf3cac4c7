import type { DatabaseLocation } from './database-url.ts';

/** All that can be set from outside, checked. */
export interface Configuration {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** The proxies whose `X-Forwarded-For` is believed, as Fastify's `trustProxy` takes them. */
  readonly trustProxy: boolean | string;
  readonly database: DatabaseLocation;
  readonly encryptionKeys: string;
  readonly outboundAllow: readonly string[];
  readonly logLevel: LogLevel;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const CONFIGURATION = Symbol('configuration');

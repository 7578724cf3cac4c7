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
  /** Where vendors and people reach the service, without a slash at its end; undefined in production if it is not told. */
  readonly publicUrl?: string;
  readonly outboundAllow: readonly string[];
  /** Base URLs in the place of the vendors' own, by vendor key. */
  readonly vendorEndpoints: Readonly<Record<string, string>>;
  /** How long a vendor may take to accept a message, in milliseconds. */
  readonly sendTimeoutMs: number;
  /** How many days the webhooks of a retired connection are accepted; then it is purged. */
  readonly retiredWebhookDays: number;
  readonly logLevel: LogLevel;
  /** Absent: only API keys are taken. */
  readonly jwt?: JwtConfiguration;
}

/** Whose JWTs are taken, beside API keys. */
export interface JwtConfiguration {
  readonly issuer: string;
  readonly audience: string;
  /** A shared secret, for HS256 alone, or where the public keys are, for RS256, ES256 and EdDSA alone. */
  readonly key: { readonly kind: 'secret'; readonly secret: string } | { readonly kind: 'jwks'; readonly url: string };
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const CONFIGURATION = Symbol('configuration');

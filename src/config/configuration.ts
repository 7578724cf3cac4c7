import type { BackgroundWorkSetting, RetentionDays, SendingMode } from '@score-crm/connections';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { AmqpLocation, DatabaseLocation, RedisLocation } from './urls.ts';

/** The validated configuration. */
export interface Configuration {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** The proxies whose `X-Forwarded-For` is trusted: addresses and networks, or the number of proxies. */
  readonly trustProxy: boolean | number | string[];
  readonly database: DatabaseLocation;
  readonly encryptionKeys: string;
  /** The URL of the service for vendors and users, without a trailing slash; undefined in production if not configured. */
  readonly publicUrl?: string;
  readonly outboundAllow: readonly string[];
  /** Additional ports of public hosts that connections may use, besides mail ports and 443. */
  readonly outboundPorts: readonly number[];
  /** Base URLs that replace the vendors' own, by vendor key. */
  readonly vendorEndpoints: Readonly<Record<string, string>>;
  /** What happens to the emails of all connections; `live` by default. */
  readonly sendingMode?: SendingMode;
  /** The address that receives them in the mode `redirect`. */
  readonly sendingRedirectTo?: string;
  /** How long a vendor may take to accept a message, in milliseconds. */
  readonly sendTimeoutMs: number;
  /** How long one unit of work may wait for the database, in milliseconds; 10 s by default. */
  readonly databaseTimeoutMs?: number;
  /** How many days the webhooks of a deleted connection are accepted; then it is purged. */
  readonly deletedConnectionRetentionDays: number;
  /** How long events, bodies, deliveries, tests and audit entries are kept, in days; see the module's defaults. */
  readonly retentionDays?: RetentionDays;
  /** How many bytes events and webhook requests of one organization may take; unlimited by default. */
  readonly organizationQuotaBytes?: number;
  /** After how many hours without an event a webhook is unhealthy if emails were accepted; 6 by default. */
  readonly webhookSilenceHours?: number;
  /** Whether the process checks the health of all webhooks once a minute; true by default. */
  readonly webhookHealthChecks?: boolean;
  /** What the process does by itself; everything by default. */
  readonly backgroundWork?: BackgroundWorkSetting;
  /** The organization whose managers also manage what concerns all organizations, such as the consumers of the feed. */
  readonly operatorOrganization?: string;
  readonly rateLimits: RateLimits;
  /** Where the rate limits are counted, so that all instances share them; absent: each instance counts by itself. */
  readonly redis?: RedisLocation;
  /** The RabbitMQ server and the exchange that events are published to; absent: they are not published. */
  readonly broker?: AmqpLocation & { readonly exchange: string };
  /** How long a start waits for another process that migrates the database, in milliseconds. */
  readonly migrationLockTimeoutMs: number;
  /** How long a stop keeps serving after readiness answers 503, in milliseconds. */
  readonly shutdownDrainMs: number;
  /** How long a stop may take altogether, in milliseconds; then the process exits with 1. */
  readonly shutdownTimeoutMs: number;
  readonly logLevel: LogLevel;
  /** Absent: no metrics. */
  readonly metrics?: MetricsConfiguration;
  /** Absent: only API keys are accepted. */
  readonly jwt?: JwtConfiguration;
}

/** How often an operation is allowed; 0: no limit. */
export interface RateLimits {
  /** Requests of an API key or a user within 10 seconds. */
  readonly requests: number;
  /** Connection tests of an organization within a minute. */
  readonly connectionTests: number;
  /** Failed sign-ins from a network address within a minute. */
  readonly signInFailures: number;
}

/** Where the metrics are: at a port of their own, or at that of the API, where a token is required. */
export interface MetricsConfiguration {
  readonly port?: number;
  /** Required from readers. */
  readonly token?: string;
}

/** Which JWTs are accepted, in addition to API keys. */
export interface JwtConfiguration {
  readonly issuer: string;
  readonly audience: string;
  /** A shared secret (HS256 only), or the URL of the public keys (RS256, ES256 and EdDSA only). */
  readonly key: { readonly kind: 'secret'; readonly secret: string } | { readonly kind: 'jwks'; readonly url: string };
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const CONFIGURATION = Symbol('configuration');

@Global()
@Module({})
export class ConfigurationModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: ConfigurationModule,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}

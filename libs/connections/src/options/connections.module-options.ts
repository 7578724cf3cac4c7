import type { OutboundOptions } from '@score-crm/adapter-kit';
import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { ConnectionsMetrics } from '../telemetry/connections-metrics.ts';
import { Clock } from './clock.ts';
import type { SendingCounters } from './sending-counters.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_RETENTION_DAYS = 30;
const MAX_RETENTION_DAYS = 365;
const DEFAULT_EVENT_DAYS = 400;
const DEFAULT_BODY_DAYS = 90;
const DEFAULT_TEST_DAYS = 90;
const DEFAULT_AUDIT_DAYS = 400;
const DEFAULT_FEED_DAYS = 30;
/** Below the minute after which proxies commonly give up. */
export const DEFAULT_SEND_TIMEOUT_MS = 45_000;
const MIN_QUOTA_BYTES = 1024 * 1024;

/** The days for which data is kept: each up to 3,650, or 0 to keep it until its connection is purged. */
export interface RetentionDays {
  /** Events, 7 or more; 400 by default. Older events are not stored: they could be repetitions of deleted ones. */
  readonly events?: number;
  /** The bodies of webhook requests and the details of sent messages, at most as long as events; 90 by default. */
  readonly bodies?: number;
  /** The records of webhook requests, at least as long as events; by default as long. */
  readonly deliveries?: number;
  /** Results of connection tests; 90 by default. */
  readonly tests?: number;
  /** Audit entries; 400 by default, which is a year and the time to review it. With 0, they are kept forever. */
  readonly audit?: number;
  /** The order of events in the feed; 30 by default. What a consumer has not read yet is kept up to twice as long. */
  readonly feed?: number;
}

/** The limits of each number of `RetentionDays`. */
export const RETENTION_LIMITS = { min: 1, minOfEvents: 7, max: 3_650 } as const;

/** From the loosest to the strictest. */
export const SENDING_MODES = ['live', 'redirect', 'drop'] as const;
/**
 * `live`: emails go to their recipients. `redirect`: each email goes to one address instead; its subject and the header
 * `X-Score-Original-To` have the original recipients. `drop`: emails are accepted and not sent; their events are marked as test.
 */
export type SendingMode = (typeof SENDING_MODES)[number];

/** From everything to nothing. */
export const BACKGROUND_WORK = ['all', 'projections', 'none'] as const;
/**
 * What a process does by itself. `projections`: it gives events their places in the feed and keeps counts and suppressions up to
 * date. `all`: consumers, outgoing webhooks, purging, erasures, re-processing and the checks of webhooks, too. `none`: it only does
 * what it is asked for; other processes must do the rest.
 */
export type BackgroundWorkSetting = (typeof BACKGROUND_WORK)[number];

/** The options of `ConnectionsModule.forRoot` and `forRootAsync`. Only `dataSource` and `encryptionKeys` are required. */
export interface ConnectionsModuleOptions {
  /**
   * The application's data source, initialized, with `connectionsEntities` among its entities and `connectionsMigrations` among
   * its migrations. With `TypeOrmModule`, inject it by `getDataSourceToken()`. The application closes it.
   */
  readonly dataSource: DataSource;
  /**
   * Resolves when the migrations have run. Work in the background and the check of the encryption keys wait for it. By default
   * they begin when the application starts.
   */
  readonly schemaReady?: Promise<unknown>;
  /**
   * `id:base64[,id:base64…]`, each key at least 32 random bytes (`openssl rand -base64 32`). The first key encrypts; all of them
   * decrypt.
   */
  readonly encryptionKeys: string;
  /**
   * Which addresses and ports connections may reach, in addition to public addresses on mail ports and on 443:
   * `{ allow?: string[], ports?: number[], allowLoopback?: boolean, endpoints?: string[], settingNames?: { … } }`.
   * By default nothing else.
   */
  readonly outbound?: OutboundOptions;
  /** Base URLs for vendors' APIs, by vendor key: `{ sendgrid: 'https://proxy.example.com/sendgrid' }`. */
  readonly vendorEndpoints?: Readonly<Record<string, string>>;
  /**
   * The public URL of the application's webhook route, such as `https://crm.example.com/webhooks/v2`. Webhook URLs are this URL
   * with `/vendor/connection` added. Without it, connections have no webhook URL and cannot register webhooks.
   */
  readonly webhookBaseUrl?: string;
  /** What happens to the emails of all connections; `live` by default. A connection may have a stricter mode. */
  readonly sendingMode?: SendingMode;
  /** The address that receives all emails with `sendingMode: 'redirect'`. */
  readonly sendingRedirectTo?: string;
  /** The maximum duration of a connection test in milliseconds; 15,000 by default. */
  readonly testTimeoutMs?: number;
  /** The maximum duration of sending a message in milliseconds; 45,000 by default. */
  readonly sendTimeoutMs?: number;
  /**
   * The maximum duration of a unit of work in milliseconds, including the wait for a database connection; 10,000 by default.
   * On MySQL and MariaDB it also determines the session limits for statements and locks.
   */
  readonly databaseTimeoutMs?: number;
  /**
   * Whether work that begins other work fails instead of waiting for itself; true by default since Node 24. Before, following
   * each promise takes half of the throughput: set it in tests.
   */
  readonly detectNestedWork?: boolean;
  /** The days for which webhooks of a deleted connection are accepted, 1 to 365; 30 by default. Then the connection is purged. */
  readonly deletedConnectionRetentionDays?: number;
  /** How long events, bodies of webhook requests, tests and audit entries are kept. */
  readonly retentionDays?: RetentionDays;
  /**
   * How many bytes the events and webhook requests of one organization may take, 1,048,576 or more; unlimited by default. The
   * oldest bodies are deleted first, then events that are older than 7 days. Indexes are included, as an estimate.
   */
  readonly organizationQuotaBytes?: number;
  /**
   * After how many hours without an event a webhook is unhealthy if emails were accepted before, 1 to 168; 6 by default.
   */
  readonly webhookSilenceHours?: number;
  /** What this process does by itself; `all` by default. */
  readonly backgroundWork?: BackgroundWorkSetting;
  /** Whether the health of all webhooks is checked once a minute; true by default. Otherwise it is only when it is read. */
  readonly webhookHealthChecks?: boolean;
  /** The time between two purges in milliseconds; 3,600,000 (one hour) by default. With 0, the application calls `PurgeService`. */
  readonly purgeIntervalMs?: number;
  /**
   * Counts what connections with limits send, for all instances of the application together. By default, each instance counts in its
   * own memory: it has the whole limit, and a restart forgets what was sent.
   */
  readonly sendingCounters?: SendingCounters;
  /** Receives measurements: webhook requests, events, commits and sent messages. By default nothing is measured. */
  readonly metrics?: ConnectionsMetrics;
}

export const { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ConnectionsModuleOptions>().setClassMethodName('forRoot').build();

/** The options given to `ConnectionsModule.forRoot`, and the time. Global, so that the module of each slice can inject them. */
@Global()
@Module({ providers: [Clock], exports: [Clock, MODULE_OPTIONS_TOKEN] })
export class ConnectionsOptionsModule extends ConfigurableModuleClass {}

/**
 * How long the webhooks of a deleted connection are accepted, in milliseconds: bounces and complaints come late.
 * @throws TypeError
 */
export function deletedConnectionRetentionMs({
  deletedConnectionRetentionDays = DEFAULT_RETENTION_DAYS,
}: Pick<ConnectionsModuleOptions, 'deletedConnectionRetentionDays'>): number {
  if (
    Number.isInteger(deletedConnectionRetentionDays) &&
    deletedConnectionRetentionDays >= 1 &&
    deletedConnectionRetentionDays <= MAX_RETENTION_DAYS
  ) {
    return deletedConnectionRetentionDays * DAY_MS;
  }
  throw new TypeError(`deletedConnectionRetentionDays must be a whole number from 1 to ${String(MAX_RETENTION_DAYS)}.`);
}

/** How long data is kept, in milliseconds; infinite if it is kept until its connection is purged. */
export interface Retention {
  readonly eventsMs: number;
  readonly bodiesMs: number;
  readonly deliveriesMs: number;
  readonly testsMs: number;
  readonly auditMs: number;
  readonly feedMs: number;
}

/** @throws TypeError */
export function retentionOf({ retentionDays = {} }: Pick<ConnectionsModuleOptions, 'retentionDays'>): Retention {
  const { events = DEFAULT_EVENT_DAYS, tests = DEFAULT_TEST_DAYS, audit = DEFAULT_AUDIT_DAYS } = retentionDays;
  const feedMs = retentionMs('feed', retentionDays.feed ?? DEFAULT_FEED_DAYS);
  const eventsMs = retentionMs('events', events, RETENTION_LIMITS.minOfEvents);
  const { bodies = Math.min(DEFAULT_BODY_DAYS, events || DEFAULT_BODY_DAYS), deliveries = events } = retentionDays;
  const bodiesMs = retentionMs('bodies', bodies);
  const deliveriesMs = retentionMs('deliveries', deliveries);
  if (bodiesMs > eventsMs) throw new TypeError('retentionDays.bodies must not be longer than retentionDays.events.');
  if (deliveriesMs < eventsMs) {
    throw new TypeError('retentionDays.deliveries must not be shorter than retentionDays.events.');
  }
  const [testsMs, auditMs] = [retentionMs('tests', tests), retentionMs('audit', audit)];
  return { eventsMs, bodiesMs, deliveriesMs, testsMs, auditMs, feedMs };
}

function retentionMs(name: keyof RetentionDays, days: number, min: number = RETENTION_LIMITS.min): number {
  if (days === 0) return Number.POSITIVE_INFINITY;
  const { max } = RETENTION_LIMITS;
  if (Number.isInteger(days) && days >= min && days <= max) return days * DAY_MS;
  throw new TypeError(`retentionDays.${name} must be 0 or a whole number from ${String(min)} to ${String(max)}.`);
}

/** @returns infinite if there is no quota @throws TypeError */
export function organizationQuotaBytes({
  organizationQuotaBytes: bytes = Number.POSITIVE_INFINITY,
}: Pick<ConnectionsModuleOptions, 'organizationQuotaBytes'>): number {
  if (bytes === Number.POSITIVE_INFINITY || (Number.isSafeInteger(bytes) && bytes >= MIN_QUOTA_BYTES)) return bytes;
  throw new TypeError(`organizationQuotaBytes must be a whole number of at least ${String(MIN_QUOTA_BYTES)}.`);
}

/** The limits of `webhookSilenceHours`. */
export const SILENCE_HOURS = { min: 1, max: 168, default: 6 } as const;

/** @throws TypeError */
export function webhookSilenceMs({
  webhookSilenceHours: hours = SILENCE_HOURS.default,
}: Pick<ConnectionsModuleOptions, 'webhookSilenceHours'>): number {
  const { min, max } = SILENCE_HOURS;
  if (Number.isInteger(hours) && hours >= min && hours <= max) return hours * HOUR_MS;
  throw new TypeError(`webhookSilenceHours must be a whole number from ${String(min)} to ${String(max)}.`);
}

/** The time before which data that is kept so long expires; undefined if it is kept. */
export function timeBefore(now: Date, ms: number): Date | undefined {
  return Number.isFinite(ms) ? new Date(now.getTime() - ms) : undefined;
}

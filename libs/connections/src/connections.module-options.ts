import type { OutboundOptions } from '@score-crm/adapter-kit';
import type { ConnectionsDataSource } from './persistence/data-source.ts';

export interface ConnectionsModuleOptions {
  /** An initialised TypeORM data source that knows `connectionsEntities` and has run `connectionsMigrations`. */
  readonly dataSource: ConnectionsDataSource;
  /**
   * Resolves once the migrations have run: the purge and the check of the keys wait for it. By default they start with the
   * application.
   */
  readonly schemaReady?: Promise<unknown>;
  /** `kid:base64` of master keys of 32 bytes and more, the newest first, separated by commas. */
  readonly encryptionKeys: string;
  /** Which private addresses and unusual ports a connection may lead to. */
  readonly outbound?: OutboundOptions;
  /** Base URLs in the place of the vendors' own, by vendor key. */
  readonly vendorEndpoints?: Readonly<Record<string, string>>;
  /** Where the application takes in webhooks, `https://crm.example/webhooks/v2`: vendor and connection are added to it. */
  readonly webhookBaseUrl?: string;
  /** How long a test of a connection may take, in milliseconds; 15 s unless told. */
  readonly testTimeoutMs?: number;
  /** How long a vendor may take to accept a message, in milliseconds; 45 s unless told. */
  readonly sendTimeoutMs?: number;
  /**
   * How long one unit of work may wait for the database in all, in milliseconds; 10 s by default. Its connections get session
   * limits for statements and locks from it (MySQL, MariaDB).
   */
  readonly databaseTimeoutMs?: number;
  /** How many days the webhooks of a deleted connection are accepted, 1 to 365; 30 unless told. Then it is purged. */
  readonly deletedConnectionRetentionDays?: number;
  /** How often deleted connections are purged, in milliseconds; once an hour unless told. 0: only by `PurgeService`. */
  readonly purgeIntervalMs?: number;
}

import type { ConnectionsModuleOptions } from '@score-crm/connections';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { LifecycleModule } from '../lifecycle/lifecycle.module.ts';

/** The options of the connections module, from the configuration. */
export const connectionsOptions = {
  imports: [LifecycleModule],
  inject: [getDataSourceToken(), CONFIGURATION, Lifecycle],
  useFactory: (
    dataSource: DataSource,
    configuration: Configuration,
    lifecycle: Lifecycle,
  ): ConnectionsModuleOptions => ({
    dataSource,
    schemaReady: lifecycle.started,
    encryptionKeys: configuration.encryptionKeys,
    ...(configuration.publicUrl === undefined ? {} : { webhookBaseUrl: `${configuration.publicUrl}/webhooks/v2` }),
    ...(configuration.databaseTimeoutMs === undefined ? {} : { databaseTimeoutMs: configuration.databaseTimeoutMs }),
    sendTimeoutMs: configuration.sendTimeoutMs,
    deletedConnectionRetentionDays: configuration.deletedConnectionRetentionDays,
    ...(configuration.purgeIntervalMs === undefined ? {} : { purgeIntervalMs: configuration.purgeIntervalMs }),
    vendorEndpoints: configuration.vendorEndpoints,
    outbound: {
      allow: configuration.outboundAllow,
      ports: configuration.outboundPorts,
      allowLoopback: !configuration.production,
      settingNames: { address_forbidden: 'OUTBOUND_ALLOW', port_forbidden: 'OUTBOUND_PORTS' },
    },
  }),
};

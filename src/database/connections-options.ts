import type { ConnectionsModuleOptions } from '@score-crm/connections';
import { DataSource } from 'typeorm';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { DatabaseModule } from './database.module.ts';

/** How the connections module is set up from the configuration. */
export const connectionsOptions = {
  imports: [DatabaseModule],
  inject: [DataSource, CONFIGURATION],
  useFactory: (dataSource: DataSource, configuration: Configuration): ConnectionsModuleOptions => ({
    dataSource,
    encryptionKeys: configuration.encryptionKeys,
    ...(configuration.publicUrl === undefined ? {} : { webhookBaseUrl: `${configuration.publicUrl}/webhooks/v2` }),
    sendTimeoutMs: configuration.sendTimeoutMs,
    retiredWebhookDays: configuration.retiredWebhookDays,
    vendorEndpoints: configuration.vendorEndpoints,
    outbound: { allow: configuration.outboundAllow, allowLoopback: !configuration.production },
  }),
};

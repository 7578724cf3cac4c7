import { ConnectionsModule, type ConnectionsModuleOptions } from '@score-crm/connections';
import { type DynamicModule, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuditModule } from './audit/audit.controller.ts';
import { AuthModule } from './auth/auth.module.ts';
import { BearerGuard } from './auth/bearer.guard.ts';
import { BrokerModule } from './broker/event-publisher.ts';
import { BodiesModule } from './bodies/bodies.module.ts';
import { JsonBodies } from './bodies/bodies.interceptor.ts';
import { CONFIGURATION, type Configuration, ConfigurationModule } from './config/configuration.ts';
import { ConnectionsApiModule } from './connections/connections-api.module.ts';
import { ConsumersModule } from './consumers/consumers.controller.ts';
import { DatabaseModule } from './database/database.module.ts';
import { DeliveriesModule } from './deliveries/deliveries.controller.ts';
import { ErasuresModule } from './erasures/erasures.controller.ts';
import { EventsModule } from './events/events.controller.ts';
import { HealthModule } from './health/health.controller.ts';
import { Lifecycle, LifecycleModule, RunningRequestsInterceptor } from './lifecycle/lifecycle.ts';
import { MetricsModule } from './metrics/metrics.module.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { MessagesModule } from './messages/messages.controller.ts';
import { ProblemFilter } from './problems/problem.filter.ts';
import { QueryPipe } from './queries/query.pipe.ts';
import { RateLimitsModule } from './rate-limits/rate-limits.module.ts';
import { RedisConnection } from './rate-limits/redis-connection.ts';
import { RedisCounters } from './rate-limits/redis-counters.ts';
import { StatsModule } from './stats/stats.controller.ts';
import { SuppressionsModule } from './suppressions/suppressions.controller.ts';
import { UsagesModule } from './usages/usages.controller.ts';
import { VendorsModule } from './vendors/vendors.controller.ts';
import { WebhookEndpointsModule } from './webhook-endpoints/webhook-endpoints.controller.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';

/** The options of the connections module, from the configuration. */
const connectionsOptions = {
  imports: [LifecycleModule, RateLimitsModule],
  inject: [getDataSourceToken(), CONFIGURATION, Lifecycle, RedisConnection, { token: ServiceMetrics, optional: true }],
  useFactory: (
    dataSource: ConnectionsModuleOptions['dataSource'],
    configuration: Configuration,
    lifecycle: Lifecycle,
    redis: RedisConnection,
    metrics?: ServiceMetrics,
  ): ConnectionsModuleOptions => ({
    dataSource,
    schemaReady: lifecycle.started,
    encryptionKeys: configuration.encryptionKeys,
    ...(configuration.publicUrl === undefined ? {} : { webhookBaseUrl: `${configuration.publicUrl}/webhooks/v2` }),
    ...(configuration.databaseTimeoutMs === undefined ? {} : { databaseTimeoutMs: configuration.databaseTimeoutMs }),
    sendTimeoutMs: configuration.sendTimeoutMs,
    ...(configuration.sendingMode === undefined ? {} : { sendingMode: configuration.sendingMode }),
    ...(configuration.sendingRedirectTo === undefined ? {} : { sendingRedirectTo: configuration.sendingRedirectTo }),
    deletedConnectionRetentionDays: configuration.deletedConnectionRetentionDays,
    ...(configuration.retentionDays === undefined ? {} : { retentionDays: configuration.retentionDays }),
    ...(configuration.organizationQuotaBytes === undefined
      ? {}
      : { organizationQuotaBytes: configuration.organizationQuotaBytes }),
    ...(configuration.webhookSilenceHours === undefined
      ? {}
      : { webhookSilenceHours: configuration.webhookSilenceHours }),
    ...(configuration.webhookHealthChecks === undefined
      ? {}
      : { webhookHealthChecks: configuration.webhookHealthChecks }),
    ...(configuration.purgeIntervalMs === undefined ? {} : { purgeIntervalMs: configuration.purgeIntervalMs }),
    ...(redis.client === undefined ? {} : { sendingCounters: new RedisCounters(redis) }),
    ...(metrics === undefined ? {} : { metrics }),
    vendorEndpoints: configuration.vendorEndpoints,
    outbound: {
      allow: configuration.outboundAllow,
      ports: configuration.outboundPorts,
      allowLoopback: !configuration.production,
      settingNames: { address_forbidden: 'OUTBOUND_ALLOW', port_forbidden: 'OUTBOUND_PORTS' },
    },
  }),
};

/** The composition root: the features of the service, and what every request passes. Vendors are listed in adapters.ts. */
@Module({
  imports: [
    LifecycleModule,
    ConnectionsModule.forRootAsync(connectionsOptions),
    VendorsModule,
    ConnectionsApiModule,
    UsagesModule,
    MessagesModule,
    EventsModule,
    ConsumersModule,
    StatsModule,
    WebhooksModule,
    DeliveriesModule,
    WebhookEndpointsModule,
    SuppressionsModule,
    ErasuresModule,
    AuditModule,
    AuthModule,
    HealthModule,
    BodiesModule,
    BrokerModule,
  ],
  providers: [
    { provide: APP_GUARD, useExisting: BearerGuard },
    // In this order: a stop does not wait for a body that is still arriving.
    { provide: APP_INTERCEPTOR, useExisting: JsonBodies },
    { provide: APP_INTERCEPTOR, useClass: RunningRequestsInterceptor },
    { provide: APP_PIPE, useClass: QueryPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AppModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.forRoot(configuration),
        DatabaseModule.forRoot(configuration.database),
        MetricsModule.forRoot(configuration),
      ],
    };
  }
}

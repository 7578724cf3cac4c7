import { ConnectionsModule, type ConnectionsModuleOptions } from '@score-crm/connections';
import { ConnectionsHttpModule, type ConnectionsHttpOptions } from '@score-crm/connections-http';
import { type DynamicModule, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { AuthModule } from './auth/auth.module.ts';
import { BearerAuthentication, DeclaredRoutesGuard } from './auth/bearer.guard.ts';
import { BrokerModule } from './broker/event-publisher.ts';
import { CONFIGURATION, type Configuration, ConfigurationModule } from './config/configuration.ts';
import { DatabaseModule } from './database/database.module.ts';
import { HealthModule } from './health/health.controller.ts';
import { Lifecycle, LifecycleModule } from './lifecycle/lifecycle.ts';
import { MetricsModule } from './metrics/metrics.module.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { postToWebhookRoute } from './webhooks/webhook-route.ts';
import { REQUEST_LOG } from './logging/request-log.ts';
import { ERROR_CODES } from './problems/error-codes.ts';
import { ServiceProblemFilter } from './problems/problem.filter.ts';
import { PrincipalRateLimits } from './rate-limits/rate-limiter.ts';
import { RateLimitsModule } from './rate-limits/rate-limits.module.ts';
import { RedisConnection } from './rate-limits/redis-connection.ts';
import { RedisCounters } from './rate-limits/redis-counters.ts';
import { VendorsModule } from './vendors/vendors.module.ts';

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
    ...(configuration.backgroundWork === undefined ? {} : { backgroundWork: configuration.backgroundWork }),
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

/** Who calls the API, and how often they can. */
const httpOptions = {
  imports: [AuthModule, RateLimitsModule],
  inject: [BearerAuthentication, PrincipalRateLimits, HttpAdapterHost, CONFIGURATION],
  useFactory: (
    callers: BearerAuthentication,
    limits: PrincipalRateLimits,
    host: HttpAdapterHost,
    { operatorOrganization }: Configuration,
  ): ConnectionsHttpOptions => ({
    callers,
    limits,
    ...(operatorOrganization === undefined ? {} : { operatorOrganization }),
    postSample: postToWebhookRoute(host),
    errorCodes: ERROR_CODES,
    requestLog: REQUEST_LOG,
  }),
};

/** The composition root: the features of the service, and what every request passes. Vendors are listed in adapters.ts. */
@Module({
  imports: [
    LifecycleModule,
    ConnectionsModule.forRootAsync(connectionsOptions),
    VendorsModule,
    ConnectionsHttpModule.forRootAsync(httpOptions),
    AuthModule,
    HealthModule,
    BrokerModule,
  ],
  providers: [
    { provide: APP_GUARD, useClass: DeclaredRoutesGuard },
    { provide: APP_FILTER, useClass: ServiceProblemFilter },
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

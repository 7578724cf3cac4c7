import { ConnectionsModule } from '@score-crm/connections';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AuthModule } from './auth/auth.module.ts';
import { BearerGuard } from './auth/bearer.guard.ts';
import { BodiesModule } from './bodies/bodies.module.ts';
import { JsonBodies } from './bodies/json-bodies.interceptor.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationModule } from './config/configuration.module.ts';
import { ConnectionsApiModule } from './connections/connections-api.module.ts';
import { connectionsOptions } from './database/connections-options.ts';
import { DatabaseModule } from './database/database.module.ts';
import { EventsModule } from './events/events.module.ts';
import { HealthModule } from './health/health.module.ts';
import { LifecycleModule } from './lifecycle/lifecycle.module.ts';
import { RunningRequestsInterceptor } from './lifecycle/running-requests.interceptor.ts';
import { MessagesModule } from './messages/messages.module.ts';
import { ProblemFilter } from './problems/problem.filter.ts';
import { QueryPipe } from './queries/query.pipe.ts';
import { RateLimitGuard } from './rate-limits/rate-limit.guard.ts';
import { RateLimitsModule } from './rate-limits/rate-limits.module.ts';
import { SenderDefaultsModule } from './sender-defaults/sender-defaults.module.ts';
import { UsagesModule } from './usages/usages.module.ts';
import { VendorsModule } from './vendors/vendors.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';

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
    SenderDefaultsModule,
    WebhooksModule,
    AuthModule,
    HealthModule,
    BodiesModule,
    RateLimitsModule,
  ],
  providers: [
    // In this order: the limits are those of the principal that the first guard found.
    { provide: APP_GUARD, useExisting: BearerGuard },
    { provide: APP_GUARD, useExisting: RateLimitGuard },
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
      imports: [ConfigurationModule.forRoot(configuration), DatabaseModule.forRoot(configuration.database)],
    };
  }
}

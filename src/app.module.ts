import { ConnectionsModule } from '@score-crm/connections';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import * as adapters from './adapters.ts';
import { ApiKeysController } from './auth/api-keys.controller.ts';
import { ApiKeysService } from './auth/api-keys.service.ts';
import { Authenticator } from './auth/authenticator.ts';
import { BearerGuard } from './auth/bearer.guard.ts';
import { SessionController } from './auth/session.controller.ts';
import { SessionCookie } from './auth/session-cookie.ts';
import { SessionsService } from './auth/sessions.service.ts';
import { SignIn } from './auth/sign-in.ts';
import { SignInLimiter } from './auth/sign-in-limiter.ts';
import { JsonBodies } from './bodies/json-bodies.interceptor.ts';
import { UnauthenticatedBodies } from './bodies/unauthenticated-bodies.ts';
import type { Configuration } from './config/configuration.ts';
import { ConfigurationModule } from './config/configuration.module.ts';
import { ConnectionTestsController } from './connections/connection-tests.controller.ts';
import { ConnectionsController } from './connections/connections.controller.ts';
import { DatabaseModule } from './database/database.module.ts';
import { connectionsOptions } from './database/connections-options.ts';
import { EventStatsController } from './events/event-stats.controller.ts';
import { EventsController } from './events/events.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { LifecycleModule } from './lifecycle/lifecycle.module.ts';
import { RunningRequestsInterceptor } from './lifecycle/running-requests.interceptor.ts';
import { MessagesController } from './messages/messages.controller.ts';
import { ProblemFilter } from './problems/problem.filter.ts';
import { PrincipalRateLimits } from './rate-limits/principal-rate-limits.ts';
import { RateLimitGuard } from './rate-limits/rate-limit.guard.ts';
import { RateLimiter } from './rate-limits/rate-limiter.ts';
import { RedisConnection } from './rate-limits/redis-connection.ts';
import { SenderDefaultsController } from './sender-defaults/sender-defaults.controller.ts';
import { UsagesController } from './usages/usages.controller.ts';
import { VendorsController } from './vendors/vendors.controller.ts';
import { ConnectionWebhookController } from './webhooks/connection-webhook.controller.ts';
import { WebhookBodies } from './webhooks/webhook-bodies.ts';
import { WebhooksController } from './webhooks/webhooks.controller.ts';

/** The composition root: what the service consists of. Vendors are listed in adapters.ts. */
@Module({
  imports: [LifecycleModule, ConnectionsModule.forRootAsync(connectionsOptions)],
  controllers: [
    VendorsController,
    ConnectionsController,
    ConnectionTestsController,
    UsagesController,
    MessagesController,
    EventsController,
    EventStatsController,
    SenderDefaultsController,
    ConnectionWebhookController,
    WebhooksController,
    ApiKeysController,
    SessionController,
    HealthController,
  ],
  providers: [
    ...Object.values<Type>(adapters),
    ApiKeysService,
    Authenticator,
    SignInLimiter,
    SignIn,
    SessionsService,
    SessionCookie,
    UnauthenticatedBodies,
    WebhookBodies,
    RedisConnection,
    RateLimiter,
    PrincipalRateLimits,
    // In this order: the limits are those of who was signed in.
    { provide: APP_GUARD, useClass: BearerGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    // A body that is still arriving is not a request that a stop waits for.
    { provide: APP_INTERCEPTOR, useClass: JsonBodies },
    { provide: APP_INTERCEPTOR, useClass: RunningRequestsInterceptor },
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

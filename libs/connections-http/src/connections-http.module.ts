import { ConnectionsModule } from '@score-crm/connections';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { AuditController } from './audit/audit.controller.ts';
import { JsonMemory } from './bodies/json-bodies.ts';
import { UnauthenticatedBodies } from './bodies/read-body.ts';
import { ConnectionTestsController } from './connections/connection-tests.controller.ts';
import { ConnectionsController } from './connections/connections.controller.ts';
import { LaunchCheckController } from './connections/launch-check.controller.ts';
import { SenderDefaultsController } from './connections/sender-defaults.controller.ts';
import { ConsumersController } from './consumers/consumers.controller.ts';
import { DeliveriesController } from './deliveries/deliveries.controller.ts';
import { ErasuresController } from './erasures/erasures.controller.ts';
import { EventsController } from './events/events.controller.ts';
import { FeedController } from './events/feed.controller.ts';
import { OpenStreams } from './events/open-streams.ts';
import { RunningRequests } from './routes/running-requests.ts';
import { MessagesController } from './messages/messages.controller.ts';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  HTTP_OPTIONS,
  type OPTIONS_TYPE,
} from './options/connections-http.options.ts';
import { StatsController } from './stats/stats.controller.ts';
import { SuppressionsController } from './suppressions/suppressions.controller.ts';
import { UsagesController } from './usages/usages.controller.ts';
import { VendorsController } from './vendors/vendors.controller.ts';
import { WebhookEndpointsController } from './webhook-endpoints/webhook-endpoints.controller.ts';
import { ConnectionWebhookController } from './webhooks/connection-webhook.controller.ts';
import { WebhookBodies, WebhooksController } from './webhooks/webhooks.controller.ts';

/** The options, and what all routes share. Global, so that an application can use `@ApiRoutes()` for its own controllers. */
@Global()
@Module({
  imports: [ConnectionsModule],
  providers: [JsonMemory, OpenStreams, RunningRequests, UnauthenticatedBodies],
  exports: [HTTP_OPTIONS, JsonMemory, OpenStreams, RunningRequests, UnauthenticatedBodies],
})
class SharedModule extends ConfigurableModuleClass {}

interface RouteOptions {
  /** The path that all routes of the module begin with, below the global prefix of the application; by default none. */
  readonly path?: string;
}

/**
 * The REST API of the connections and the webhook route, for Nest applications on Fastify and Express. Import it once, beside
 * `ConnectionsModule.forRoot`.
 *
 * @example
 * ConnectionsHttpModule.forRootAsync({
 *   path: 'email',
 *   imports: [UsersModule],
 *   inject: [SignedInCallers],
 *   useFactory: (callers: SignedInCallers) => ({ callers }),
 * })
 */
@Module({
  imports: [ConnectionsModule],
  controllers: [
    VendorsController,
    ConnectionsController,
    ConnectionTestsController,
    LaunchCheckController,
    SenderDefaultsController,
    UsagesController,
    MessagesController,
    EventsController,
    FeedController,
    ConsumersController,
    StatsController,
    ConnectionWebhookController,
    WebhooksController,
    DeliveriesController,
    WebhookEndpointsController,
    SuppressionsController,
    ErasuresController,
    AuditController,
  ],
  providers: [WebhookBodies],
})
export class ConnectionsHttpModule {
  static forRoot({ path, ...options }: typeof OPTIONS_TYPE & RouteOptions): DynamicModule {
    return moduleAt(path, SharedModule.forRoot(options));
  }

  static forRootAsync({ path, ...options }: typeof ASYNC_OPTIONS_TYPE & RouteOptions): DynamicModule {
    return moduleAt(path, SharedModule.forRootAsync(options));
  }
}

function moduleAt(path: string | undefined, shared: DynamicModule): DynamicModule {
  const routes = path === undefined ? [] : [RouterModule.register([{ path, module: ConnectionsHttpModule }])];
  return { module: ConnectionsHttpModule, imports: [shared, ...routes] };
}

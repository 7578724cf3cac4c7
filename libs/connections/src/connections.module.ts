import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AdaptersModule, OutboundModule } from './adapters/adapters.module.ts';
import { AuditModule } from './audit/audit.module.ts';
import { CONNECTION_ALLOWANCES, CONNECTION_USAGES, CONNECTION_WEBHOOKS, EARLIER_TESTS } from './connections/ports.ts';
import { StoredConnectionsModule } from './connections/stored-connections.module.ts';
import { DatabaseModule } from './database/database.module.ts';
import { DeliveriesModule } from './deliveries/deliveries.module.ts';
import { DiagnosisModule, TestResultsModule } from './diagnosis/diagnosis.module.ts';
import { UnsavedTests } from './diagnosis/unsaved-tests.ts';
import { EventsModule } from './events/events.module.ts';
import { FeedModule } from './feed/feed.module.ts';
import { IdempotencyModule } from './idempotency/idempotency.module.ts';
import { KeysModule } from './keys/keys.module.ts';
import {
  type ASYNC_OPTIONS_TYPE,
  ConnectionsOptionsModule,
  type OPTIONS_TYPE,
} from './options/connections.module-options.ts';
import { OutgoingModule, StoredEndpointsModule } from './outgoing/outgoing.module.ts';
import { WebhookEndpointsRepository } from './outgoing/webhook-endpoints.repository.ts';
import { RetentionModule } from './retention/retention.module.ts';
import { ENDPOINT_SECRETS } from './secrets/encrypted-table.ts';
import { SecretsModule } from './secrets/secrets.module.ts';
import { ConnectionLimits } from './sending/connection-limits.ts';
import { LimitsModule, SendingModule } from './sending/sending.module.ts';
import { SequenceModule } from './sequence/sequence.module.ts';
import { StatsModule } from './stats/stats.module.ts';
import { SuppressionModule } from './suppression/suppression.module.ts';
import { StoredUsagesModule, UsagesModule } from './usages/usages.module.ts';
import { ConnectionUsagesRepository } from './usages/connection-usages.repository.ts';
import { WebhooksModule, WebhookStatusModule } from './webhooks/webhooks.module.ts';
import { WebhookStatusService } from './webhooks/webhook-status.service.ts';

/** Implements the ports of connections and keys. Global, since these must not import the slices that use them. */
@Global()
@Module({
  imports: [LimitsModule, TestResultsModule, StoredEndpointsModule, StoredUsagesModule, WebhookStatusModule],
  providers: [
    { provide: CONNECTION_ALLOWANCES, useExisting: ConnectionLimits },
    { provide: CONNECTION_USAGES, useExisting: ConnectionUsagesRepository },
    { provide: CONNECTION_WEBHOOKS, useExisting: WebhookStatusService },
    { provide: EARLIER_TESTS, useExisting: UnsavedTests },
    { provide: ENDPOINT_SECRETS, useExisting: WebhookEndpointsRepository },
  ],
  exports: [CONNECTION_ALLOWANCES, CONNECTION_USAGES, CONNECTION_WEBHOOKS, EARLIER_TESTS, ENDPOINT_SECRETS],
})
class PortsModule {}

const SLICES = [
  AdaptersModule,
  AuditModule,
  DatabaseModule,
  DeliveriesModule,
  DiagnosisModule,
  EventsModule,
  FeedModule,
  IdempotencyModule,
  KeysModule,
  OutboundModule,
  OutgoingModule,
  PortsModule,
  RetentionModule,
  SecretsModule,
  SendingModule,
  SequenceModule,
  StatsModule,
  StoredConnectionsModule,
  SuppressionModule,
  UsagesModule,
  WebhooksModule,
];

/**
 * The connections of an application. Configure it once, with `forRoot` or `forRootAsync` in the application's root module.
 * Each module that injects its services imports `ConnectionsModule` itself. Adapters may be providers of any module, since
 * what they inject (`OutboundConnector`, `HttpClient`) is global.
 */
@Module({ imports: SLICES, exports: SLICES })
export class ConnectionsModule {
  static forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return { module: ConnectionsModule, imports: [ConnectionsOptionsModule.forRoot(options)] };
  }

  static forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return { module: ConnectionsModule, imports: [ConnectionsOptionsModule.forRootAsync(options)] };
  }
}

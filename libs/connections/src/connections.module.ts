import { HttpClient, OutboundConnector, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AdapterRegistry } from './adapters/adapter.registry.ts';
import { AdapterRelease } from './connections/adapter-release.ts';
import { ConnectionLoader } from './connections/connection-loader.ts';
import { ConnectionPresenter } from './connections/connection.presenter.ts';
import { ConnectionsService } from './connections/connections.service.ts';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './connections.module-definition.ts';
import type { ConnectionsModuleOptions } from './connections.module-options.ts';
import { ConnectionTester } from './diagnosis/connection-tester.ts';
import { EventsService } from './events/events.service.ts';
import { EventWriter } from './events/event-writer.ts';
import { AuditRepository } from './persistence/audit.repository.ts';
import { ConnectionTestsRepository } from './persistence/connection-tests.repository.ts';
import { ConnectionUsagesRepository } from './persistence/connection-usages.repository.ts';
import { ConnectionWebhooksRepository } from './persistence/connection-webhooks.repository.ts';
import { ConnectionsRepository } from './persistence/connections.repository.ts';
import { EventsRepository } from './persistence/events.repository.ts';
import { DeletedConnectionsRepository } from './persistence/deleted-connections.repository.ts';
import { EncryptedConnectionsRepository } from './persistence/encrypted-connections.repository.ts';
import { UnitOfWork } from './persistence/unit-of-work.ts';
import { WebhookConnectionsRepository } from './persistence/webhook-connections.repository.ts';
import { WebhookRequestsRepository } from './persistence/webhook-requests.repository.ts';
import { PurgeSchedule } from './purging/purge.schedule.ts';
import { PurgeService } from './purging/purge.service.ts';
import { RunningWork } from './running-work.ts';
import { KeyHealthService } from './secrets/key-health.service.ts';
import { KeyRotationService } from './secrets/key-rotation.service.ts';
import { SecretCipher } from './secrets/secret-cipher.ts';
import { EmailSender } from './sending/email-sender.ts';
import { UnstoredEvents } from './sending/unstored-events.ts';
import { UsagesService } from './usages/usages.service.ts';
import { RejectedDeliveries } from './webhooks/rejected-deliveries.ts';
import { WebhookStatusService } from './webhooks/webhook-status.service.ts';
import { WebhookIngest } from './webhooks/webhook-ingest.ts';
import { WebhookRegistrationService } from './webhooks/webhook-registration.service.ts';
import { WebhooksService } from './webhooks/webhooks.service.ts';

const OUTBOUND = {
  provide: OutboundPolicy,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: ({ outbound, vendorEndpoints = {} }: ConnectionsModuleOptions) =>
    new OutboundPolicy({ endpoints: Object.values(vendorEndpoints), ...outbound }),
};
const ENDPOINTS = {
  provide: VendorEndpoints,
  inject: [MODULE_OPTIONS_TOKEN],
  useFactory: (options: ConnectionsModuleOptions) => new VendorEndpoints(options.vendorEndpoints),
};
const SERVICES = [
  AdapterRegistry,
  AuditRepository,
  ConnectionsService,
  ConnectionTester,
  EmailSender,
  EventsService,
  HttpClient,
  KeyHealthService,
  OutboundConnector,
  PurgeService,
  KeyRotationService,
  RunningWork,
  UnitOfWork,
  UsagesService,
  WebhookIngest,
  WebhookRegistrationService,
  WebhooksService,
];

/**
 * The connections of an application. Import it once, with `forRoot` or `forRootAsync`; adapters may be providers of any
 * module, since what they inject (`OutboundConnector`, `HttpClient`) is global.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    OUTBOUND,
    ENDPOINTS,
    ...SERVICES,
    AdapterRelease,
    ConnectionLoader,
    ConnectionsRepository,
    ConnectionTestsRepository,
    ConnectionUsagesRepository,
    ConnectionPresenter,
    ConnectionWebhooksRepository,
    EventsRepository,
    EventWriter,
    PurgeSchedule,
    DeletedConnectionsRepository,
    EncryptedConnectionsRepository,
    SecretCipher,
    RejectedDeliveries,
    UnstoredEvents,
    WebhookConnectionsRepository,
    WebhookStatusService,
    WebhookRequestsRepository,
  ],
  exports: [OutboundPolicy, VendorEndpoints, ...SERVICES],
})
export class ConnectionsModule extends ConfigurableModuleClass {}

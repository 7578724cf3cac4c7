import { type DynamicModule, Module } from '@nestjs/common';
import { AdaptersModule } from './adapters/adapters.module.ts';
import { StoredConnectionsModule } from './connections/stored-connections.module.ts';
import {
  type ASYNC_OPTIONS_TYPE,
  ConnectionsOptionsModule,
  type OPTIONS_TYPE,
} from './connections.module-definition.ts';
import { DiagnosisModule } from './diagnosis/diagnosis.module.ts';
import { EventsModule } from './events/events.module.ts';
import { OutboundModule } from './outbound/outbound.module.ts';
import { PersistenceModule } from './persistence/persistence.module.ts';
import { PurgingModule } from './purging/purging.module.ts';
import { SecretsModule } from './secrets/secrets.module.ts';
import { SendingModule } from './sending/sending.module.ts';
import { UsagesModule } from './usages/usages.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';

const SLICES = [
  AdaptersModule,
  DiagnosisModule,
  EventsModule,
  OutboundModule,
  PersistenceModule,
  PurgingModule,
  SecretsModule,
  SendingModule,
  StoredConnectionsModule,
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

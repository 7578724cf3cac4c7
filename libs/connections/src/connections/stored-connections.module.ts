import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { WebhookStatusModule } from '../webhooks/webhook-status.module.ts';
import { AdapterRelease } from './adapter-release.ts';
import { ConnectionLoader } from './connection-loader.ts';
import { ConnectionPresenter } from './connection.presenter.ts';
import { ConnectionsService } from './connections.service.ts';
import { UnsavedTests } from './unsaved-tests.ts';

@Module({
  imports: [AdaptersModule, PersistenceModule, SecretsModule, WebhookStatusModule],
  providers: [AdapterRelease, ConnectionLoader, ConnectionPresenter, ConnectionsService, UnsavedTests],
  exports: [ConnectionLoader, ConnectionsService, UnsavedTests],
})
export class StoredConnectionsModule {}

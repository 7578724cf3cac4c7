import { Module } from '@nestjs/common';
import { RunningWork } from '../running-work.ts';
import { AuditRepository } from './audit.repository.ts';
import { ConnectionTestsRepository } from './connection-tests.repository.ts';
import { ConnectionUsagesRepository } from './connection-usages.repository.ts';
import { ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import { ConnectionsRepository } from './connections.repository.ts';
import { DeletedConnectionsRepository } from './deleted-connections.repository.ts';
import { EncryptedConnectionsRepository } from './encrypted-connections.repository.ts';
import { EventsRepository } from './events.repository.ts';
import { UnsavedTestsRepository } from './unsaved-tests.repository.ts';
import { UnitOfWork } from './unit-of-work.ts';
import { WebhookConnectionsRepository } from './webhook-connections.repository.ts';
import { WebhookRequestsRepository } from './webhook-requests.repository.ts';

const PROVIDERS = [
  UnitOfWork,
  RunningWork,
  AuditRepository,
  ConnectionsRepository,
  ConnectionTestsRepository,
  ConnectionUsagesRepository,
  ConnectionWebhooksRepository,
  DeletedConnectionsRepository,
  EncryptedConnectionsRepository,
  EventsRepository,
  UnsavedTestsRepository,
  WebhookConnectionsRepository,
  WebhookRequestsRepository,
];

/** Reading and writing of the database, and the work that must end before it closes. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class PersistenceModule {}

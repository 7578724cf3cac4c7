import { Module } from '@nestjs/common';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { WebhookStatusService } from './webhook-status.service.ts';

/** Apart from `WebhooksModule`: a connection is shown with the status of its webhook. */
@Module({ imports: [PersistenceModule], providers: [WebhookStatusService], exports: [WebhookStatusService] })
export class WebhookStatusModule {}

import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { BodiesModule } from '../bodies/bodies.module.ts';
import { ConnectionWebhookController } from './connection-webhook.controller.ts';
import { WebhookRoute } from './webhook-route.ts';
import { WebhookBodies, WebhooksController } from './webhooks.controller.ts';

@Module({
  imports: [BodiesModule, ConnectionsModule],
  controllers: [ConnectionWebhookController, WebhooksController],
  providers: [WebhookBodies, WebhookRoute],
})
export class WebhooksModule {}

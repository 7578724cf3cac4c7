import { MailgunAdapter } from '@score-crm/adapter-mailgun';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import {
  connectionsEntities,
  ConnectionsExceptionFilter,
  connectionsMigrations,
  ConnectionsModule,
  type ConnectionsModuleOptions,
} from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Campaign, CampaignEvent, CampaignRecipient } from './campaigns/campaign.entities.ts';
import { CampaignsModule } from './campaigns/campaigns.module.ts';
import { CreateCampaigns1770000000001 } from './campaigns/create-campaigns.migration.ts';
import { configuration } from './configuration.ts';
import { ConnectionsController } from './connections.controller.ts';
import { WebhooksController } from './webhooks.controller.ts';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({
        type: 'better-sqlite3',
        database: configuration().database,
        enableWAL: true,
        entities: [...connectionsEntities('sqlite'), Campaign, CampaignRecipient, CampaignEvent],
        migrations: [...connectionsMigrations, CreateCampaigns1770000000001],
        migrationsRun: true,
      }),
    }),
    ConnectionsModule.forRootAsync({
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource): ConnectionsModuleOptions => {
        const { encryptionKeys, publicUrl, sendTimeoutMs, vendorEndpoints } = configuration();
        return {
          dataSource,
          encryptionKeys,
          sendTimeoutMs,
          vendorEndpoints,
          webhookBaseUrl: `${publicUrl}/webhooks/v2`,
          outbound: { allow: Object.values(vendorEndpoints).map((url) => new URL(url).hostname) },
        };
      },
    }),
    CampaignsModule,
  ],
  controllers: [ConnectionsController, WebhooksController],
  providers: [SendgridAdapter, MailgunAdapter, { provide: APP_FILTER, useClass: ConnectionsExceptionFilter }],
})
export class AppModule {}

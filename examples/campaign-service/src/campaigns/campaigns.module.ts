import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { CampaignReports } from './campaign-reports.ts';
import { CampaignRunner } from './campaign-runner.ts';
import { CampaignsController } from './campaigns.controller.ts';
import { CampaignsService } from './campaigns.service.ts';

@Module({
  imports: [ConnectionsModule],
  controllers: [CampaignsController],
  providers: [CampaignsService, CampaignRunner, CampaignReports],
})
export class CampaignsModule {}

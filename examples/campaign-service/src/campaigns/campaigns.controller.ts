import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { type CampaignReport, CampaignReports } from './campaign-reports.ts';
import type { Campaign } from './campaign.entities.ts';
import { CampaignsService, type NewCampaign } from './campaigns.service.ts';

@Controller('campaigns')
export class CampaignsController {
  constructor(
    private readonly campaigns: CampaignsService,
    private readonly reports: CampaignReports,
  ) {}

  @Post()
  create(@Body() campaign: NewCampaign): Promise<Campaign> {
    return this.campaigns.create(campaign);
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<Campaign> {
    return this.campaigns.get(id);
  }

  /** Launches it now, or at `launchAt`. */
  @Post(':id/launch')
  @HttpCode(200)
  launch(@Param('id') id: string, @Body() body?: { readonly launchAt?: string }): Promise<Campaign> {
    return this.campaigns.launch(id, body?.launchAt === undefined ? undefined : new Date(body.launchAt));
  }

  @Post(':id/pause')
  @HttpCode(200)
  pause(@Param('id') id: string): Promise<Campaign> {
    return this.campaigns.pause(id);
  }

  @Post(':id/resume')
  @HttpCode(200)
  resume(@Param('id') id: string): Promise<Campaign> {
    return this.campaigns.launch(id);
  }

  @Get(':id/report')
  report(@Param('id') id: string): Promise<CampaignReport> {
    return this.reports.of(id);
  }
}

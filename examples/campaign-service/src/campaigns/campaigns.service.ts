import { randomUUID } from 'node:crypto';
import { LaunchCheck, UnitOfWork, type UsageStatus, UsagesService } from '@score-crm/connections';
import {
  BadRequestException,
  ConflictException,
  Injectable,
  NotFoundException,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  UnprocessableEntityException,
} from '@nestjs/common';
import { In, LessThanOrEqual } from 'typeorm';
import { CALLER } from '../configuration.ts';
import { CampaignRunner } from './campaign-runner.ts';
import { Campaign, CampaignRecipient, type CampaignStatus } from './campaign.entities.ts';

export interface NewCampaign {
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  /** Recipients are divided among them in turn. */
  readonly connectionIds: readonly string[];
  readonly recipients: readonly string[];
}

/** SQLite has a limit for the parameters of a statement. */
const ROWS_PER_INSERT = 500;
const SCHEDULE_MS = 5_000;
/** What a user can do in which status. */
const LAUNCHABLE: readonly CampaignStatus[] = ['draft', 'scheduled', 'paused'];
const PAUSABLE: readonly CampaignStatus[] = ['scheduled', 'running'];
const NOT_ALLOWED = 'The status of the campaign does not allow this.';

@Injectable()
export class CampaignsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly usages: UsagesService,
    private readonly launchCheck: LaunchCheck,
    private readonly runner: CampaignRunner,
  ) {}

  async create({ recipients, connectionIds, ...given }: NewCampaign): Promise<Campaign> {
    if (connectionIds.length === 0) throw new BadRequestException('Choose a connection.');
    const id = randomUUID();
    const campaign: Campaign = { ...given, id, connectionIds, status: 'draft', launchAt: null };
    // Two emails to one address would be one too many.
    const emails = [...new Set(recipients.map((email) => email.toLowerCase()))];
    const rows = emails.map((email, position) => {
      const connectionId = connectionIds[position % connectionIds.length] ?? '';
      return { campaignId: id, position, email, connectionId, state: 'pending' as const, reason: null };
    });
    await this.unitOfWork.write(async (tx) => {
      await tx.insert(Campaign, campaign);
      for (let first = 0; first < rows.length; first += ROWS_PER_INSERT) {
        await tx.insert(CampaignRecipient, rows.slice(first, first + ROWS_PER_INSERT));
      }
    });
    return campaign;
  }

  async get(id: string): Promise<Campaign> {
    const campaign = await this.unitOfWork.read((tx) => tx.findOneBy(Campaign, { id }));
    if (campaign === null) throw new NotFoundException('There is no such campaign.');
    return campaign;
  }

  /** Launches a campaign, or continues one that is paused. */
  async launch(id: string, launchAt?: Date): Promise<Campaign> {
    const campaign = await this.get(id);
    if (!LAUNCHABLE.includes(campaign.status)) throw new ConflictException(NOT_ALLOWED);
    const { problems } = await this.launchCheck.run(CALLER, { connectionIds: campaign.connectionIds });
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      throw new UnprocessableEntityException({ message: 'The campaign cannot be launched.', problems: errors });
    }
    const status = launchAt === undefined ? 'running' : 'scheduled';
    // From here on, its connections can be neither deleted nor disabled. A claim fails if one just was.
    await this.claim(campaign, status);
    const launched = await this.changeStatus(campaign, LAUNCHABLE, { status, launchAt: launchAt ?? null });
    if (status === 'running') this.start(launched);
    return launched;
  }

  async pause(id: string): Promise<Campaign> {
    const paused = await this.changeStatus(await this.get(id), PAUSABLE, { status: 'paused' });
    await this.runner.stop(id);
    await this.claim(paused, 'paused');
    return paused;
  }

  /** After a restart, campaigns that were running continue. */
  async onApplicationBootstrap(): Promise<void> {
    const running = await this.unitOfWork.read((tx) => tx.findBy(Campaign, { status: 'running' }));
    for (const campaign of running) this.start(campaign);
    this.timer = setInterval(() => void this.launchScheduled(), SCHEDULE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private start(campaign: Campaign): void {
    this.runner.start(campaign, async () => {
      await this.changeStatus(campaign, ['running'], { status: 'completed' });
      await this.claim(campaign, 'completed');
    });
  }

  private async launchScheduled(): Promise<void> {
    const due = { status: 'scheduled' as const, launchAt: LessThanOrEqual(new Date()) };
    const campaigns = await this.unitOfWork.read((tx) => tx.findBy(Campaign, due));
    // One that cannot be launched is tried again: its connection may be enabled in time.
    for (const { id } of campaigns) await this.launch(id).catch(() => undefined);
  }

  private async claim({ id, name, connectionIds }: Campaign, status: UsageStatus): Promise<void> {
    for (const connectionId of connectionIds) {
      await this.usages.claim(CALLER, connectionId, 'campaign', id, { name, status });
    }
  }

  /** @throws ConflictException if the campaign has another status by now */
  private async changeStatus(
    { id }: Campaign,
    from: readonly CampaignStatus[],
    changes: Partial<Campaign>,
  ): Promise<Campaign> {
    const { affected } = await this.unitOfWork.write((tx) => tx.update(Campaign, { id, status: In(from) }, changes));
    if (affected !== 1) throw new ConflictException(NOT_ALLOWED);
    return this.get(id);
  }
}

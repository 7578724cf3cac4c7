import { type FeedEvent, OnEmailEvent, UnitOfWork } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { CampaignEvent, CampaignRecipient, type RecipientState } from './campaign.entities.ts';

/** How many recipients have each state, and of how many recipients each event is known. */
export interface CampaignReport extends Readonly<Record<RecipientState, number>> {
  readonly total: number;
  readonly delivered: number;
  readonly bounced: number;
  readonly opened: number;
}

/** Collects the events of campaigns. */
@Injectable()
export class CampaignReports {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @OnEmailEvent(['delivered', 'bounced', 'opened'], { name: 'campaign-reports', start: 'beginning' })
  async collect(events: readonly FeedEvent[]): Promise<void> {
    const rows = events.flatMap(({ kind, recipient, metadata }) => {
      const campaignId = metadata?.['campaign'];
      return campaignId === undefined || recipient === null ? [] : [{ campaignId, email: recipient, kind }];
    });
    if (rows.length === 0) return;
    // An event may come again, after a crash for example.
    await this.unitOfWork.write((tx) => tx.upsert(CampaignEvent, rows, ['campaignId', 'kind', 'email']));
  }

  async of(campaignId: string): Promise<CampaignReport> {
    const count = async (of: typeof CampaignRecipient | typeof CampaignEvent, column: 'state' | 'kind') => {
      const rows = await this.unitOfWork.read((tx) =>
        tx
          .createQueryBuilder(of, 'one')
          .select(`one.${column}`, 'name')
          .addSelect('COUNT(*)', 'count')
          .where('one.campaignId = :campaignId', { campaignId })
          .groupBy(`one.${column}`)
          .getRawMany<{ readonly name: string; readonly count: number | string }>(),
      );
      return new Map(rows.map(({ name, count: number }) => [name, Number(number)]));
    };
    const states = await count(CampaignRecipient, 'state');
    const kinds = await count(CampaignEvent, 'kind');
    return {
      total: [...states.values()].reduce((sum, number) => sum + number, 0),
      pending: states.get('pending') ?? 0,
      sent: states.get('sent') ?? 0,
      failed: states.get('failed') ?? 0,
      unknown: states.get('unknown') ?? 0,
      delivered: kinds.get('delivered') ?? 0,
      bounced: kinds.get('bounced') ?? 0,
      opened: kinds.get('opened') ?? 0,
    };
  }
}

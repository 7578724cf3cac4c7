import { Column, Entity, PrimaryColumn } from 'typeorm';

export type CampaignStatus = 'draft' | 'scheduled' | 'running' | 'paused' | 'completed';

@Entity('campaigns')
export class Campaign {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id!: string;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 200 })
  subject!: string;

  @Column({ type: 'text' })
  text!: string;

  @Column({ type: 'simple-json' })
  connectionIds!: readonly string[];

  @Column({ type: 'varchar', length: 10 })
  status!: CampaignStatus;

  /** When a scheduled campaign is launched. */
  @Column({ type: 'datetime', nullable: true })
  launchAt!: Date | null;
}

/**
 * `pending`: not sent yet. `failed`: certainly not sent. `unknown`: the vendor did not confirm it, so that it may have been sent;
 * it is not sent again.
 */
export type RecipientState = 'pending' | 'sent' | 'failed' | 'unknown';

@Entity('campaign_recipients')
export class CampaignRecipient {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  campaignId!: string;

  @PrimaryColumn({ type: 'integer' })
  position!: number;

  @Column({ type: 'varchar', length: 254 })
  email!: string;

  /** Assigned when the campaign is created, so that it is the same after a pause. */
  @Column({ type: 'varchar', length: 36 })
  connectionId!: string;

  @Column({ type: 'varchar', length: 10 })
  state!: RecipientState;

  /** Why it was not sent, or why that is not known. */
  @Column({ type: 'varchar', length: 500, nullable: true })
  reason!: string | null;
}

/** What happened to an email, once for each recipient and kind: events are delivered at least once. */
@Entity('campaign_events')
export class CampaignEvent {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  campaignId!: string;

  @PrimaryColumn({ type: 'varchar', length: 254 })
  email!: string;

  @PrimaryColumn({ type: 'varchar', length: 12 })
  kind!: string;
}

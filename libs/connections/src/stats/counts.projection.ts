import type { BounceClass, EventKind } from '@score-crm/adapter-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import type { EventProjection } from '../feed/event-consumer.ts';
import { EventConsumers } from '../feed/event-consumers.ts';
import type { FeedRow } from '../feed/event-feed.ts';
import { isBefore } from '../feed/feed-position.ts';
import { type CountDetail, EventStatsRepository, type HourCount } from './event-stats.repository.ts';
import { StatsRebuildsRepository } from './stats-rebuilds.repository.ts';

/** The name of the projection among the consumers of the feed. */
export const COUNTS = 'counts';

/** What an event is counted as. */
export function detailOf({
  kind,
  machine,
  bounceClass,
}: {
  readonly kind: EventKind;
  readonly machine: boolean | null;
  readonly bounceClass: BounceClass | null;
}): CountDetail {
  if (machine === true) return 'machine';
  return kind === 'bounced' ? (bounceClass ?? 'unknown') : 'none';
}

/**
 * Counts the events of each connection by hour and by day, as they come in the feed. Its position is stored with the counts in
 * one transaction, so that each event is counted once. docs/adr/0018-counts-are-a-projection.md
 */
@Injectable()
export class CountsProjection implements EventProjection, OnModuleInit {
  readonly name = COUNTS;

  constructor(
    private readonly consumers: EventConsumers,
    private readonly unitOfWork: UnitOfWork,
    private readonly stats: EventStatsRepository,
    private readonly rebuilds: StatsRebuildsRepository,
  ) {}

  onModuleInit(): void {
    this.consumers.add(this);
  }

  async apply(tx: Transaction, events: readonly FeedRow[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    const rebuild = await this.rebuilds.find(tx);
    if (rebuild?.isClearing === true) throw new Error('The counts are being cleared, to be counted again.');
    const counts: HourCount[] = [];
    for (const { position, connection, row } of events) {
      if (row.attribution !== 'own' && row.attribution !== 'unmatched') continue;
      const hour = hourOf(row.occurredAt);
      // These were kept: not all events that they counted are still in the feed.
      const isKept = rebuild !== null && hour < rebuild.firstHourOf(connection.organizationNumber);
      if (isKept && !isBefore(rebuild.until, position)) continue;
      counts.push({ connection: row.connection, hour, kind: row.kind, detail: detailOf(row), events: 1 });
    }
    await this.stats.add(tx, counts, this.unitOfWork.statementLimits);
    if (rebuild !== null && !isBefore(last.position, rebuild.until)) await this.rebuilds.finish(tx);
  }
}

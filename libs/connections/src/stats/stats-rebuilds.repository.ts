import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect, FLAG, NUMBER } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { FeedPosition } from '../feed/feed-position.ts';

/** From which hour on the counts of an organization are counted again. */
export class StatsRebuildRow {
  /** The number of an organization; 0 for all that have no row of their own. */
  organization!: number;
  /** Hours since 1970, UTC. The beginning of a day. */
  firstHour!: number;
  /** The position up to which events are counted again. */
  untilSeq!: number;
  untilIndex!: number;
  /** Whether counts are still being deleted. */
  clearing!: boolean;
}

export function statsRebuildSchema(dialect: Dialect): EntitySchema<StatsRebuildRow> {
  const { integer, long, small } = columnKinds(dialect);
  return new EntitySchema<StatsRebuildRow>({
    name: 'event_stats_rebuild',
    target: StatsRebuildRow,
    tableName: 'event_stats_rebuilds',
    columns: {
      organization: { ...integer, primary: true, primaryKeyConstraintName: 'pk_event_stats_rebuilds' },
      firstHour: { name: 'first_hour', ...integer },
      untilSeq: { name: 'until_seq', ...long, transformer: NUMBER },
      untilIndex: { name: 'until_index', ...integer },
      clearing: { ...small, transformer: FLAG },
    },
  });
}

const ALL_OTHERS = 0;

/** A rebuild that is under way. */
export interface StatsRebuild {
  /** Up to here, events of kept hours are counted already. */
  readonly until: FeedPosition;
  readonly isClearing: boolean;
  /** The hour from which on the counts of an organization are deleted and counted again. */
  firstHourOf(organization: number): number;
}

/** The table `event_stats_rebuilds`. It is empty unless a rebuild is under way. */
@Injectable()
export class StatsRebuildsRepository {
  async find(tx: Transaction): Promise<StatsRebuild | null> {
    const rows = await tx.find(StatsRebuildRow);
    const common = rows.find(({ organization }) => organization === ALL_OTHERS);
    if (common === undefined) return null;
    const hours = new Map(rows.map(({ organization, firstHour }) => [organization, firstHour]));
    return {
      until: { seq: common.untilSeq, index: common.untilIndex },
      isClearing: common.clearing,
      firstHourOf: (organization) => hours.get(organization) ?? common.firstHour,
    };
  }

  /** @param later the organizations whose counts are kept up to a later hour */
  async begin(
    tx: Transaction,
    firstHour: number,
    { seq, index }: FeedPosition,
    later: ReadonlyMap<number, number>,
  ): Promise<void> {
    const common = { untilSeq: seq, untilIndex: index, clearing: true };
    for (const [organization, hour] of [[ALL_OTHERS, firstHour] as const, ...later]) {
      await tx.insert(StatsRebuildRow, { organization, firstHour: hour, ...common });
    }
  }

  /** A rebuild that had not ended begins again. */
  async restart(tx: Transaction, { seq, index }: FeedPosition): Promise<void> {
    await tx.updateAll(StatsRebuildRow, { untilSeq: seq, untilIndex: index, clearing: true });
  }

  async endClearing(tx: Transaction): Promise<void> {
    await tx.updateAll(StatsRebuildRow, { clearing: false });
  }

  async finish(tx: Transaction): Promise<void> {
    await tx.deleteAll(StatsRebuildRow);
  }
}

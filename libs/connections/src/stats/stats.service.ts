import type { BounceClass, EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import { LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import { EventConsumersRepository } from '../feed/event-consumers.repository.ts';
import { lastRead } from '../feed/feed-position.ts';
import { checkedNumber, InvalidQueryError } from '../input/paging.ts';
import { FeedRepository } from '../sequence/feed.repository.ts';
import { COUNTS, detailOf } from './counts.projection.ts';
import {
  type BucketHours,
  type CountDetail,
  EventStatsRepository,
  type StatCount,
  timeOf,
} from './event-stats.repository.ts';
import { type Rate, ratesOf } from './rates.ts';

export const STATS_INTERVALS = ['hour', 'day'] as const;
export type StatsInterval = (typeof STATS_INTERVALS)[number];

/** How many days statistics cover, and for how many days each hour can be returned. */
export const STATS_DAYS = { default: 30, max: 400, maxHourly: 31 } as const;

/** The period that events are counted in, by the time when they happened. */
export interface StatsQuery {
  /** The width of the buckets. Without it, only totals are returned. */
  readonly interval?: StatsInterval | undefined;
  /** By default, `days` before `to`. */
  readonly from?: Date | undefined;
  /** By default, now. */
  readonly to?: Date | undefined;
  /** 1 to 400; 30 by default. Not together with `from`. */
  readonly days?: number | undefined;
}

/** Numbers of events with the attribution `own` or `unmatched`. What did not occur is absent. */
export interface EventCounts {
  /** By kind, without opens and clicks by machines. */
  readonly counts: Readonly<Partial<Record<EventKind, number>>>;
  /** Opens and clicks by machines, by kind. */
  readonly machineCounts: Readonly<Partial<Record<EventKind, number>>>;
  /** The bounces among the counts, by class. */
  readonly bounceClasses: Readonly<Partial<Record<BounceClass, number>>>;
}

export interface StatsBucket extends EventCounts {
  /** When the hour or the day (UTC) begins. */
  readonly start: Date;
}

/** The counts of the whole period. */
export interface EventStats extends EventCounts {
  readonly interval: StatsInterval | null;
  /** The beginning of the first bucket. */
  readonly from: Date;
  /** Now, or the end of the bucket that `to` is in. */
  readonly to: Date;
  /** When the last event that is counted was stored; null if none has been. Later events follow within seconds. */
  readonly updatedTo: Date | null;
  readonly rates: readonly Rate[];
  /** Every bucket of the period in its order, also those without events. Empty without `interval`. */
  readonly buckets: readonly StatsBucket[];
}

const DAY_HOURS = 24;
const DAY_MS = DAY_HOURS * 60 * 60 * 1_000;
const HOURS_OF: Readonly<Record<StatsInterval, BucketHours>> = { hour: 1, day: 24 };

/** Counts of events over time, always within the caller's organization. */
@Injectable()
export class StatsService {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly stats: EventStatsRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly consumers: EventConsumersRepository,
    private readonly feed: FeedRepository,
  ) {}

  /** @throws ConnectionNotFoundError, InvalidQueryError */
  async ofConnection(caller: Caller, connectionId: string, query: StatsQuery = {}): Promise<EventStats> {
    const period = periodOf(query, new Date());
    const { id, number } = await this.loader.row(caller.organization, connectionId);
    return this.read(caller, [{ id, number }], period);
  }

  /**
   * The sums over the connections of the organization. Deleted connections are included until they are purged.
   * @param ids only these connections; by default all
   * @throws InvalidQueryError
   */
  async ofOrganization(caller: Caller, query: StatsQuery = {}, ids?: readonly string[]): Promise<EventStats> {
    const period = periodOf(query, new Date());
    const all = await this.unitOfWork.read((tx) => this.connections.ofOrganization(tx, caller.organization));
    return this.read(caller, ids === undefined ? all : all.filter(({ id }) => ids.includes(id)), period);
  }

  private async read(
    { organization }: Caller,
    connections: readonly { readonly id: string; readonly number: number }[],
    period: Period,
  ): Promise<EventStats> {
    const { interval, hours, from, to, end } = period;
    const numbers = connections.map(({ number }) => number);
    const range = { connections: numbers, hours, from, to, isTotal: interval === null };
    const [found, updatedTo] = await this.unitOfWork.read(
      async (tx) => {
        const counts = await this.stats.read(tx, range);
        const ids = connections.map(({ id }) => id);
        return [[...counts, ...(await this.legacyCounts(tx, ids, period))], await this.updatedTo(tx)] as const;
      },
      { lane: 'query', turn: organization },
    );
    const total = new Sums();
    const buckets = new Map<number, Sums>();
    if (interval !== null) for (let start = from; start < to; start += hours) buckets.set(start, new Sums());
    for (const count of found) {
      total.add(count);
      if (count.start !== undefined) buckets.get(count.start)?.add(count);
    }
    return {
      interval,
      from: timeOf(from),
      to: end,
      updatedTo,
      ...total.counts,
      rates: ratesOf({ counts: total.counts.counts, hardBounces: total.counts.bounceClasses.hard ?? 0 }),
      buckets: [...buckets].map(([start, sums]) => ({ start: timeOf(start), ...sums.counts })),
    };
  }

  /** The tables of earlier versions are counted each time. */
  private async legacyCounts(
    tx: Transaction,
    ids: readonly string[],
    { hours, from, to }: Period,
  ): Promise<StatCount[]> {
    if (ids.length === 0 || (await this.legacy.isEmpty(tx))) return [];
    const counts = await this.legacy.countByTime(tx, ids, { hours, from: timeOf(from), to: timeOf(to) });
    return counts.map(({ start, kind, machine, bounceClass, events }) => ({
      start,
      kind,
      detail: detailOf({ kind, machine, bounceClass }),
      events,
    }));
  }

  private async updatedTo(tx: Transaction): Promise<Date | null> {
    const position = await this.consumers.find(tx, COUNTS);
    if (position === null) return null;
    const seq = lastRead(position);
    const [entry] = seq > 0 ? await this.feed.from(tx, seq, 1) : [];
    return entry?.seq === seq ? entry.appendedAt : null;
  }
}

/** In hours since 1970, as whole buckets. */
interface Period {
  readonly interval: StatsInterval | null;
  readonly hours: BucketHours;
  readonly from: number;
  readonly to: number;
  /** The end as it is returned. */
  readonly end: Date;
}

/** @throws InvalidQueryError */
function periodOf({ interval, from, to, days }: StatsQuery, now: Date): Period {
  if (days !== undefined && from !== undefined)
    throw invalid('/days', 'not_applicable', 'Use either `days` or `from`.');
  const length = checkedNumber('days', days, STATS_DAYS) * DAY_MS;
  const end = to ?? now;
  const begin = from ?? new Date(end.getTime() - length);
  if (begin >= end) throw invalid('/from', 'out_of_range', 'Use a time before `to`.');
  const spanDays = (end.getTime() - begin.getTime()) / DAY_MS;
  const pointer = days === undefined ? '/from' : '/days';
  if (spanDays > STATS_DAYS.max) {
    throw invalid(pointer, 'out_of_range', `Use a period of at most ${String(STATS_DAYS.max)} days.`);
  }
  if (interval === 'hour' && spanDays > STATS_DAYS.maxHourly) {
    const limit = `With \`interval=hour\`, use a period of at most ${String(STATS_DAYS.maxHourly)} days.`;
    throw invalid(pointer, 'out_of_range', limit);
  }
  const hours = interval === undefined ? (spanDays > STATS_DAYS.maxHourly ? 24 : 1) : HOURS_OF[interval];
  const first = hourOf(begin);
  const last = hourOf(new Date(end.getTime() - 1));
  const after = last - (last % hours) + hours;
  return {
    interval: interval ?? null,
    hours,
    from: first - (first % hours),
    to: after,
    end: to === undefined ? now : timeOf(after),
  };
}

function invalid(pointer: string, code: string, message: string): InvalidQueryError {
  return new InvalidQueryError([{ pointer, code, message }]);
}

type Counts<Name extends string> = Partial<Record<Name, number>>;

class Sums {
  readonly counts = {
    counts: {} as Counts<EventKind>,
    machineCounts: {} as Counts<EventKind>,
    bounceClasses: {} as Counts<BounceClass>,
  };

  add({
    kind,
    detail,
    events,
  }: {
    readonly kind: EventKind;
    readonly detail: CountDetail;
    readonly events: number;
  }): void {
    const { counts, machineCounts, bounceClasses } = this.counts;
    if (detail === 'machine') {
      increase(machineCounts, kind, events);
      return;
    }
    increase(counts, kind, events);
    if (detail !== 'none') increase(bounceClasses, detail, events);
  }
}

function increase<Name extends string>(counts: Counts<Name>, name: Name, by: number): void {
  counts[name] = (counts[name] ?? 0) + by;
}

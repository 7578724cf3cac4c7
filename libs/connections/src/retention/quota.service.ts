import { EVENT_KINDS } from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import type { DeletedRange, KeyRange } from '../database/delete-rows.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { EventBatchesRepository, STATUSES_WITH_EVENTS } from '../events/event-batches.repository.ts';
import { AHEAD_MS, CUTOFF_NOTICED_MS, EventCutoffsRepository } from '../events/event-cutoffs.repository.ts';
import { type EventSizes, EventSizesRepository, hourOf } from '../events/event-sizes.repository.ts';
import { eventId, EventsRepository } from '../events/events.repository.ts';
import {
  type ConnectionsModuleOptions,
  MODULE_OPTIONS_TOKEN,
  organizationQuotaBytes,
  type Retention,
  RETENTION_LIMITS,
  retentionOf,
  timeBefore,
} from '../options/connections.module-options.ts';
import { deleteInSteps } from './delete-in-steps.ts';
import type { PurgeOptions } from './purge.service.ts';

/** The number of rows that were deleted. A body has one or more. */
export interface QuotaReport {
  readonly bodies: number;
  readonly events: number;
  readonly deliveries: number;
}

/** What one organization has stored. */
interface Usage {
  readonly organization: string;
  readonly organizationNumber: number;
  /** The numbers of its connections. */
  readonly connections: readonly number[];
  /** The oldest first. */
  readonly hours: readonly (EventSizes & { readonly hour: number })[];
}

const HOUR_MS = 60 * 60 * 1_000;
/** By then, a batch is stored as a whole, and no batch with a lower id follows. */
const SETTLED_MS = 10 * 60 * 1_000;
/** What a row of an event or a batch takes with its indexes, in bytes. */
const ROW_BYTES = 300;
/** Vendors repeat requests for days: until then, the digests of events are needed. */
const KEPT_MS = RETENTION_LIMITS.minOfEvents * 24 * HOUR_MS;

/**
 * Keeps what each organization has stored within the quota: deletes the oldest bodies, and, if that is not enough, the oldest
 * events. Each step can be repeated, so that it can stop at any point and several instances can do it at the same time.
 */
@Injectable()
export class QuotaService {
  private readonly logger = new Logger(QuotaService.name);
  private readonly quota: number;
  private readonly retention: Retention;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly events: EventsRepository,
    private readonly sizes: EventSizesRepository,
    private readonly cutoffs: EventCutoffsRepository,
  ) {
    this.quota = organizationQuotaBytes(options);
    this.retention = retentionOf(options);
  }

  /** @throws DatabaseUnavailableError */
  async enforce({ now = new Date(), signal = new AbortController().signal }: PurgeOptions = {}): Promise<QuotaReport> {
    const rows = { bodies: 0, events: 0, deliveries: 0 };
    if (!Number.isFinite(this.quota)) return rows;
    try {
      await this.measure(now, signal);
      for (let after = ''; ;) {
        signal.throwIfAborted();
        const from = after;
        const next = await this.unitOfWork.read((tx) => this.connections.nextOrganization(tx, from));
        if (next === null) break;
        after = next.organization;
        await this.prune(await this.usageOf(next, now), now, signal, rows);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    const { bodies, events, deliveries } = rows;
    if (bodies + events + deliveries > 0) {
      this.logger.log(
        `Deleted for the quota of organizations: bodies ${String(bodies)}, events ${String(events)}, deliveries ${String(deliveries)}`,
      );
    }
    return rows;
  }

  private async measure(now: Date, signal: AbortSignal): Promise<void> {
    const end = await this.batchAt(new Date(now.getTime() - SETTLED_MS));
    for (let isLast = false; !isLast;) {
      signal.throwIfAborted();
      isLast = await this.unitOfWork.write((tx) => this.sizes.measure(tx, end));
    }
  }

  private async usageOf(
    { organization, organizationNumber }: Pick<Usage, 'organization' | 'organizationNumber'>,
    now: Date,
  ): Promise<Usage> {
    const rows = await this.unitOfWork.read((tx) => this.connections.ofOrganization(tx, organization));
    const connections = rows.map(({ number }) => number);
    const { bodiesMs, eventsMs, deliveriesMs } = this.retention;
    const [bodies, events, deliveries] = [bodiesMs, eventsMs + AHEAD_MS, deliveriesMs + AHEAD_MS].map((ms) =>
      timeBefore(now, ms),
    );
    // `RetentionService` has deleted these.
    await this.unitOfWork.write(async (tx) => {
      if (bodies !== undefined) await this.sizes.clear(tx, connections, 'bodyBytes', hourOf(bodies));
      if (events !== undefined) await this.sizes.clear(tx, connections, 'events', hourOf(events));
      if (deliveries !== undefined) await this.sizes.deleteBefore(tx, connections, hourOf(deliveries));
    });
    const hours = await this.unitOfWork.read((tx) => this.sizes.byHour(tx, connections), { lane: 'query' });
    return { organization, organizationNumber, connections, hours };
  }

  private async prune(
    usage: Usage,
    now: Date,
    signal: AbortSignal,
    rows: { -readonly [Name in keyof QuotaReport]: number },
  ): Promise<void> {
    const total = usage.hours.reduce((sum, hour) => sum + hour.bodyBytes + rowBytes(hour), 0);
    if (total <= this.quota) return;
    const bodies = oldest(usage.hours, total - this.quota, ({ bodyBytes }) => bodyBytes);
    rows.bodies += await this.deleteBodies(usage, bodies.endHour, signal);
    if (bodies.missing <= 0) return;
    const keptFrom = hourOf(new Date(now.getTime() - KEPT_MS));
    const old = usage.hours.filter(({ hour }) => hour < keptFrom);
    const events = oldest(old, bodies.missing, rowBytes);
    if (events.missing > 0) {
      this.logger.warn(
        `Organization ${usage.organization} exceeds the quota by ${String(events.missing)} bytes: events of the last ${String(RETENTION_LIMITS.minOfEvents)} days are kept`,
      );
    }
    await this.deleteEvents(usage, events.endHour, now, signal, rows);
  }

  private async deleteBodies({ connections, hours }: Usage, endHour: number, signal: AbortSignal): Promise<number> {
    const firstHour = hours.find(({ bodyBytes }) => bodyBytes > 0)?.hour ?? endHour;
    const range = await this.batchesBetween(firstHour, endHour);
    const deleted = await this.ofEach(connections, STATUSES_WITH_EVENTS, range, signal, (tx, connection, status, ids) =>
      this.batches.deleteBodiesOf(tx, connection, status, ids),
    );
    await this.unitOfWork.write((tx) => this.sizes.clear(tx, connections, 'bodyBytes', endHour));
    return deleted;
  }

  /** Only as far as every instance knows that it must not store repetitions of these events; the rest follows with the next run. */
  private async deleteEvents(
    { connections, hours, organizationNumber }: Usage,
    endHour: number,
    now: Date,
    signal: AbortSignal,
    rows: { -readonly [Name in keyof QuotaReport]: number },
  ): Promise<void> {
    const cutoff = await this.unitOfWork.read((tx) => this.cutoffs.find(tx, organizationNumber));
    const isNoticed = cutoff !== null && now.getTime() - cutoff.announcedAt.getTime() >= CUTOFF_NOTICED_MS;
    const noticedHour = cutoff === null ? 0 : hourOf(cutoff.receivedBefore);
    if (isNoticed) {
      const hour = Math.min(endHour, noticedHour);
      const range = await this.batchesBetween(hours[0]?.hour ?? hour, hour);
      const eventIds = { after: eventId(range.after, 0), before: eventId(range.before, 0) };
      rows.events += await this.ofEach(connections, EVENT_KINDS, eventIds, signal, (tx, connection, kind, ids) =>
        this.events.deleteKind(tx, connection, kind, ids),
      );
      rows.deliveries += await this.ofEach(
        connections,
        STATUSES_WITH_EVENTS,
        range,
        signal,
        (tx, connection, status, ids) => this.batches.deleteOf(tx, connection, status, ids),
      );
      await this.unitOfWork.write((tx) => this.sizes.deleteBefore(tx, connections, hour));
    }
    if (endHour > noticedHour) {
      const time = new Date(endHour * HOUR_MS);
      await this.unitOfWork.write((tx) => this.cutoffs.announce(tx, organizationNumber, time, now));
    }
  }

  /** The measured batches that were received from an hour on and before another one. */
  private async batchesBetween(firstHour: number, endHour: number): Promise<KeyRange<number>> {
    const first = await this.batchAt(new Date(firstHour * HOUR_MS));
    const end = await this.batchAt(new Date(endHour * HOUR_MS));
    const measured = await this.unitOfWork.read((tx) => this.sizes.lastMeasured(tx));
    return { after: first - 1, before: Math.min(end, measured + 1) };
  }

  private async batchAt(time: Date): Promise<number> {
    return this.unitOfWork.read((tx) => this.batches.idAt(tx, time));
  }

  /** Deletes in steps, of each connection and each kind. @returns how many rows */
  private async ofEach<Kind>(
    connections: readonly number[],
    kinds: readonly Kind[],
    range: KeyRange<number>,
    signal: AbortSignal,
    step: (tx: Transaction, connection: number, kind: Kind, ids: KeyRange<number>) => Promise<DeletedRange<number>>,
  ): Promise<number> {
    let deleted = 0;
    for (const connection of connections) {
      for (const kind of kinds) {
        deleted += await deleteInSteps(this.unitOfWork, range, signal, (tx, ids) => step(tx, connection, kind, ids));
      }
    }
    return deleted;
  }
}

function rowBytes({ events, batches }: EventSizes): number {
  return (events + batches) * ROW_BYTES;
}

/**
 * The oldest hours that have so many bytes together.
 * @returns the hour after the last of them, and how many bytes all hours together have too few
 */
function oldest(
  hours: Usage['hours'],
  bytes: number,
  size: (hour: EventSizes) => number,
): { readonly endHour: number; readonly missing: number } {
  let [endHour, missing] = [0, bytes];
  for (const each of hours) {
    if (missing <= 0) break;
    missing -= size(each);
    endHour = each.hour + 1;
  }
  return { endHour, missing };
}

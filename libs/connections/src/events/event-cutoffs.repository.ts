import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';

/** The time before which the quota has deleted events of an organization, or will. */
export class EventCutoffRow {
  /** The number of the organization. */
  organization!: number;
  /** Events that were received before this time may be deleted. */
  receivedBefore!: Date;
  /** Since when instances can know it. */
  announcedAt!: Date;
}

export function eventCutoffSchema(dialect: Dialect): EntitySchema<EventCutoffRow> {
  const { integer, time } = columnKinds(dialect);
  return new EntitySchema<EventCutoffRow>({
    name: 'event_cutoff',
    target: EventCutoffRow,
    tableName: 'event_cutoffs',
    columns: {
      organization: { ...integer, primary: true, primaryKeyConstraintName: 'pk_event_cutoffs' },
      receivedBefore: { name: 'received_before', ...time },
      announcedAt: { name: 'announced_at', ...time },
    },
  });
}

/** The table `event_cutoffs`. */
@Injectable()
export class EventCutoffsRepository {
  async find(tx: Transaction, organization: number): Promise<EventCutoffRow | null> {
    return tx.findOneBy(EventCutoffRow, { organization });
  }

  async announce(tx: Transaction, organization: number, receivedBefore: Date, announcedAt: Date): Promise<void> {
    await tx.upsert(EventCutoffRow, { organization, receivedBefore, announcedAt }, ['organization']);
  }

  async all(tx: Transaction): Promise<EventCutoffRow[]> {
    return tx.find(EventCutoffRow);
  }
}

/** How long an instance may not notice a cutoff that another one has announced. */
const MAX_AGE_MS = 60_000;
/** So long after the announcement, no instance stores earlier events, not even from a request that it had already read. */
export const CUTOFF_NOTICED_MS = 2 * MAX_AGE_MS;
/** The time of an event may be later than its receipt by so much: until then, it may be a repetition of a deleted one. */
export const AHEAD_MS = 24 * 60 * 60 * 1_000;

/** Reports which events may be repetitions of events that the quota has deleted. */
@Injectable()
export class EventCutoffs {
  private times: ReadonlyMap<number, Date> = new Map();
  private loadedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly cutoffs: EventCutoffsRepository,
  ) {}

  /**
   * The time before which events of an organization may be repetitions of deleted ones; undefined if none were deleted.
   * @throws DatabaseUnavailableError
   */
  async of(organization: number): Promise<Date | undefined> {
    if (performance.now() - this.loadedAt >= MAX_AGE_MS) {
      const begun = performance.now();
      const rows = await this.unitOfWork.read((tx) => this.cutoffs.all(tx), { lane: 'ingest' });
      const time = ({ receivedBefore }: EventCutoffRow): Date => new Date(receivedBefore.getTime() + AHEAD_MS);
      this.times = new Map(rows.map((row) => [row.organization, time(row)]));
      this.loadedAt = begun;
    }
    return this.times.get(organization);
  }
}

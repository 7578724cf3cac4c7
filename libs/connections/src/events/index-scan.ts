import type { Condition } from '../database/indexed-select.ts';

export type Order = 'asc' | 'desc';

/** Successive ids, both included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** What a scan of an index reads of a row. */
export interface ScannedRow {
  readonly id: number;
}

/** How many rows of indexes one list may read in all. */
export class ScanBudget {
  private readRows = 0;
  /** Whether a scan ended because of the budget, although more rows may follow. */
  isExceeded = false;

  constructor(private readonly rows: number) {}

  /** How many rows each of `scans` may read, up to `wanted`. 0 if there are too few: then the scan must end. */
  share(wanted: number, scans: number): number {
    const rows = Math.min(wanted, Math.floor((this.rows - this.readRows) / scans));
    if (rows === 0) this.isExceeded = true;
    return rows;
  }

  spend(rows: number): void {
    this.readRows += rows;
  }
}

/** Part of an index that has its rows in the order of their ids. */
export interface Part<Row extends ScannedRow> {
  /** Whether the row is in this part. */
  has(row: Row): boolean;
  /** Its conditions without those on the id. */
  readonly conditions: readonly Condition[];
}

/** What a scan reads next: up to `limit` rows of the part, the first in the order. */
export interface Step<Row extends ScannedRow> {
  readonly part: Part<Row>;
  readonly ids: IdRange;
  readonly limit: number;
}

interface Scan<Row extends ScannedRow> {
  readonly parts: readonly Part<Row>[];
  readonly ids: IdRange;
  readonly order: Order;
  /** How many rows to read of a part first; more from step to step. */
  readonly limit: number;
  readonly budget: ScanBudget;
  /** Returns the rows of all steps, in any order. */
  readonly read: (steps: readonly Step<Row>[]) => Promise<readonly Row[]>;
}

const MAX_ROWS_PER_STEP = 1_000;

/**
 * Reads the rows of several parts of an index as one list in the order of their ids, and of each part only as many rows as
 * are needed for it. Ends after the last row, or when the budget is exceeded.
 */
export async function* scanInOrder<Row extends ScannedRow>(scan: Scan<Row>): AsyncGenerator<readonly Row[], undefined> {
  const { ids, order, budget, read } = scan;
  // The parts that have more rows, and the remaining ids of each.
  const open = new Map(scan.parts.map((part) => [part, ids]));
  let pending: readonly Row[] = [];
  let due: readonly Part<Row>[] = scan.parts;
  let wanted = scan.limit;
  while (due.length > 0) {
    const limit = budget.share(wanted, due.length);
    if (limit === 0) return;
    const rows = await read(due.map((part) => ({ part, ids: open.get(part) ?? ids, limit })));
    budget.spend(rows.length);
    for (const part of due) {
      const own = rows.filter((row) => part.has(row)).toSorted(byId(order));
      const last = own.at(-1);
      if (last === undefined || own.length < limit) open.delete(part);
      else open.set(part, idsAfter(ids, last.id, order));
    }
    pending = [...pending, ...rows].toSorted(byId(order));
    // Beyond the first end of a part that has more rows, some may be missing.
    const [next] = [...open].toSorted(([, a], [, b]) => (order === 'asc' ? a.first - b.first : b.last - a.last));
    const isComplete = (row: Row): boolean => next === undefined || !isWithin(next[1], row.id);
    yield pending.filter(isComplete);
    pending = pending.filter((row) => !isComplete(row));
    due = next === undefined ? [] : [next[0]];
    wanted = Math.min(wanted * 2, MAX_ROWS_PER_STEP);
  }
}

export function byId(order: Order): (a: ScannedRow, b: ScannedRow) => number {
  return (a, b) => (order === 'asc' ? a.id - b.id : b.id - a.id);
}

/** The remaining ids when those up to `id` are done. */
export function idsAfter({ first, last }: IdRange, id: number, order: Order): IdRange {
  return order === 'asc' ? { first: Math.max(first, id + 1), last } : { first, last: Math.min(last, id - 1) };
}

export function idCondition({ first, last }: IdRange): Condition {
  return ['id BETWEEN ? AND ?', first, last];
}

/** `ORDER BY` and `LIMIT` of a step. */
export function orderedBy(order: Order, limit: number): string {
  return `ORDER BY id ${order.toUpperCase()} LIMIT ${String(limit)}`;
}

function isWithin({ first, last }: IdRange, id: number): boolean {
  return id >= first && id <= last;
}

/** A row that a binary search compares. */
export interface DatedRow {
  readonly id: number;
  readonly receivedAt: Date;
}

/**
 * The id of the first row that was received at `time` or later, if the rows are in the order of their receipt. Needs a probe
 * for each bit of the number of ids.
 * @param probe returns the first row with this id or a later one
 * @returns `ids.last + 1` if there is none
 */
export async function firstSince(
  time: Date,
  ids: IdRange,
  probe: (id: number) => Promise<DatedRow | undefined>,
): Promise<number> {
  let { first } = ids;
  let end = ids.last + 1;
  let found = end;
  while (first < end) {
    const middle = first + Math.floor((end - first) / 2);
    const row = await probe(middle);
    if (row === undefined || row.id >= end) {
      end = middle;
    } else if (row.receivedAt >= time) {
      [end, found] = [middle, row.id];
    } else {
      first = row.id + 1;
    }
  }
  return found;
}

import { measure, type Outcome } from './client.ts';
import type { DatabaseSize } from '../support/database.ts';
import type { Post } from './load.ts';
import type { Template } from './side.ts';

/** The size of the posts, and how many are in flight. */
export interface Load {
  readonly eventsPerPost: number;
  readonly inFlight: number;
}

export interface Measurement extends SideOutcome {
  /** The number of the run. Measurements with the same number were taken shortly after each other. */
  readonly run: number;
}

export interface SideOutcome extends Outcome {
  readonly side: string;
  /** In bytes. */
  readonly peakMemory: number;
  /** For each event, of the side's process and of its database. */
  readonly processorMicros: { readonly side: number; readonly database: number };
  readonly bytesPerEvent: StoredBytes;
}

/** For each event, without what the empty database takes. */
export interface StoredBytes {
  /** Of the pages in use. */
  readonly total: number;
  readonly inFiles: number;
  readonly bodies: number;
  /** By table and index, where it is at least one byte. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

export interface Conditions {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Where the sides write CPU profiles. */
  readonly profileFolder?: string | undefined;
}

/**
 * Sends the posts to a side with a new database.
 * @throws Error if the side has stored another number of events than it acknowledged
 */
export async function measureSide(
  template: Template,
  vendor: string,
  posts: readonly Post[],
  inFlight: number,
  conditions: Conditions,
): Promise<SideOutcome> {
  const { side } = template;
  const path = template.webhooks.get(vendor)?.path;
  if (path === undefined) throw new Error(`${side.name} has no webhook for ${vendor}.`);
  const { mostEvents = Infinity } = side;
  const count = Math.floor(mostEvents / (posts[0]?.events ?? 1));
  return template.use(async (running, database) => {
    const options = {
      url: running.url,
      path,
      posts: posts.slice(0, count),
      inFlight,
      warmUpSeconds: conditions.warmUpSeconds,
      seconds: conditions.seconds,
    };
    const before = { side: running.processorSeconds(), database: database.processorSeconds() };
    const outcome = await measure(options);
    const processorMicros = {
      side: microsPerEvent(running.processorSeconds() - before.side, outcome),
      database: microsPerEvent(database.processorSeconds() - before.database, outcome),
    };
    const peakMemory = running.peakMemory();
    // SQLite's files are complete only then.
    await running.stop();
    const stored = (await database.count(side.eventTables)) - template.events;
    const { acknowledgedEvents, failedEvents } = outcome;
    // A request that was not acknowledged may be stored, or not.
    if (stored < acknowledgedEvents || stored > acknowledgedEvents + failedEvents) {
      throw new Error(
        `${side.name} acknowledged ${String(acknowledgedEvents)} events and stored ${String(stored)}; ${String(failedEvents)} events were not acknowledged.`,
      );
    }
    const bytesPerEvent = growth(template.size, await database.size(), stored, side.bodyTables);
    return { ...outcome, side: side.name, peakMemory, processorMicros, bytesPerEvent };
  }, conditions.profileFolder);
}

function microsPerEvent(seconds: number, { acknowledgedEvents, failedEvents }: Outcome): number {
  return (seconds * 1e6) / (acknowledgedEvents + failedEvents);
}

function growth(before: DatabaseSize, after: DatabaseSize, events: number, bodyTables: readonly string[]): StoredBytes {
  const parts = after.tables.flatMap((table) => {
    const empty = before.tables.find(({ name }) => name === table.name);
    return table.parts.map(({ name, bytes }) => {
      const start = empty?.parts.find((part) => part.name === name)?.bytes ?? 0;
      return { table: table.name, name: `${table.name}.${name}`, bytes: (bytes - start) / events };
    });
  });
  const sum = (some: readonly { bytes: number }[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return {
    total: sum(parts),
    inFiles: (after.fileBytes - before.fileBytes) / events,
    bodies: sum(parts.filter(({ table }) => bodyTables.includes(table))),
    parts: parts.filter(({ bytes }) => bytes >= 1).map(({ name, bytes }) => ({ name, bytes })),
  };
}

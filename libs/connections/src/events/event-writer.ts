import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabaseUnavailableError } from '../persistence/database-unavailable.error.ts';
import { EventsRepository, type NewEvent } from '../persistence/events.repository.ts';
import type { WebhookRequestRow } from '../persistence/schema/webhook-request-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { WebhookRequestsRepository } from '../persistence/webhook-requests.repository.ts';
import { RunningWork } from '../running-work.ts';

/** A request that is to be stored; how many of its events are new shows only then. */
export interface IncomingRequest {
  /** Null where no webhook brought them, but we sent a message. */
  readonly row: Omit<WebhookRequestRow, 'accepted' | 'duplicates'> | null;
  readonly events: readonly NewEvent[];
}

export interface Stored {
  readonly accepted: number;
  readonly duplicates: number;
}

interface Waiting {
  readonly request: IncomingRequest;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

// On SQLite nothing comes in during a commit: those that came together are given the time to meet.
const GATHER_MS = 2;
/** What shares one commit at most. */
const MAX_REQUESTS = 100;
const MAX_EVENTS = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Stores requests with their events. Those that come in while a commit is under way share the next one; each is answered
 * after its own.
 */
@Injectable()
export class EventWriter {
  private readonly waiting: Waiting[] = [];
  private running = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: EventsRepository,
    private readonly requests: WebhookRequestsRepository,
    private readonly work: RunningWork,
  ) {}

  /** @throws DatabaseUnavailableError */
  async write(request: IncomingRequest): Promise<Stored> {
    const stored = new Promise<Stored>((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (!this.running) void this.run();
    });
    return this.work.track(stored);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      await delay(GATHER_MS);
      await this.commit(this.nextGroup());
    }
    this.running = false;
  }

  private nextGroup(): Waiting[] {
    let events = 0;
    let bytes = 0;
    let size = 0;
    for (const { request } of this.waiting) {
      events += request.events.length;
      bytes += request.row?.body?.length ?? 0;
      if (size > 0 && (size === MAX_REQUESTS || events > MAX_EVENTS || bytes > MAX_BYTES)) break;
      size++;
    }
    return this.waiting.splice(0, size);
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    try {
      const stored = await this.store(group.map(({ request }) => request));
      for (const [index, { resolve }] of group.entries()) resolve(stored[index] as Stored);
    } catch (error) {
      // Where the database is gone, repeating it for each one would only keep the senders waiting.
      if (group.length === 1 || error instanceof DatabaseUnavailableError) {
        for (const { reject } of group) reject(error);
        return;
      }
      // One of them is at fault: alone, each shows which.
      for (const one of group) await this.commit([one]);
    }
  }

  private async store(group: readonly IncomingRequest[]): Promise<Stored[]> {
    return this.unitOfWork.write(async (tx) => {
      await this.events.insertNew(
        tx,
        group.flatMap(({ events }) => events),
      );
      const counts = await this.events.countByRequest(
        tx,
        group.flatMap(({ row }) => (row === null ? [] : [row.id])),
      );
      const stored = group.map(({ row, events }) => {
        // Of what we did ourselves nothing comes twice.
        const accepted = row === null ? events.length : (counts.get(row.id) ?? 0);
        return { accepted, duplicates: events.length - accepted };
      });
      const rows = group.flatMap(({ row }, index) => (row === null ? [] : [withCounts(row, stored[index] as Stored)]));
      await this.requests.insert(tx, rows);
      return stored;
    });
  }
}

/** The body of a request that brought nothing new is not kept: the raw form of its events is in the one before. */
function withCounts(row: NonNullable<IncomingRequest['row']>, stored: Stored): WebhookRequestRow {
  const isNeeded = stored.accepted > 0 || row.rejected > 0 || row.status === 'quarantined';
  return { ...row, ...stored, body: isNeeded ? row.body : null };
}

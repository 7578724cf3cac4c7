import { Inject, Injectable, Logger } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { DeletedRange, RowKey } from '../database/delete-rows.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionTestsRepository } from '../diagnosis/connection-tests.repository.ts';
import { EventBatchesRepository } from '../events/event-batches.repository.ts';
import { AHEAD_MS } from '../events/event-cutoffs.repository.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import { eventId, EventsRepository } from '../events/events.repository.ts';
import { LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import { DeadLettersRepository } from '../feed/dead-letters.repository.ts';
import { EventConsumersRepository } from '../feed/event-consumers.repository.ts';
import { attemptId, KEY_RETENTION_MS } from '../idempotency/idempotency-keys.ts';
import { IdempotencyKeysRepository } from '../idempotency/idempotency-keys.repository.ts';
import { firstIdAt } from '../input/paging.ts';
import { WebhookAttemptsRepository } from '../outgoing/webhook-attempts.repository.ts';
import { WebhookMessagesRepository } from '../outgoing/webhook-messages.repository.ts';
import {
  type ConnectionsModuleOptions,
  MODULE_OPTIONS_TOKEN,
  type Retention,
  retentionOf,
  timeBefore,
} from '../options/connections.module-options.ts';
import { FeedRepository } from '../sequence/feed.repository.ts';
import { EventStatsRepository } from '../stats/event-stats.repository.ts';
import { STATS_DAYS } from '../stats/stats.service.ts';
import { deleteInSteps } from './delete-in-steps.ts';
import type { PurgeOptions } from './purge.service.ts';

/** The number of deleted rows. A body has one or more. */
export interface RetentionReport {
  readonly events: number;
  readonly bodies: number;
  readonly deliveries: number;
  readonly tests: number;
  readonly audit: number;
  /** The messages of outgoing webhooks, with their attempts. */
  readonly webhookMessages: number;
}

type Rows = { -readonly [Name in keyof RetentionReport]: number };

/** Deletes the next rows of a range of keys. */
type Step<Key extends RowKey> = (tx: Transaction, range: { after: Key; before: Key }) => Promise<DeletedRange<Key>>;

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Longer than the attempts of a message take. */
const WEBHOOK_MESSAGES_MS = 30 * DAY_MS;
/** How far the clocks of instances may differ. */
const CLOCKS_MS = 60 * 60 * 1_000;
/** Below every id of a table. */
const FIRST_NUMBER = -1;
const FIRST_TEXT = '';

/**
 * Deletes what is older than its retention, by ranges of primary keys, in short transactions. Each step can be repeated, so
 * that it can stop at any point and several instances can do it at the same time.
 */
@Injectable()
export class RetentionService {
  private readonly logger = new Logger(RetentionService.name);
  private readonly retention: Retention;
  /** The requests of earlier versions whose bodies are deleted: no index leads to those that have one. */
  private bodilessRequest = FIRST_TEXT;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: EventBatchesRepository,
    private readonly events: EventsRepository,
    private readonly stats: EventStatsRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly tests: ConnectionTestsRepository,
    private readonly audit: AuditRepository,
    private readonly webhookMessages: WebhookMessagesRepository,
    private readonly webhookAttempts: WebhookAttemptsRepository,
    private readonly feed: FeedRepository,
    private readonly consumers: EventConsumersRepository,
    private readonly deadLetters: DeadLettersRepository,
    private readonly keys: IdempotencyKeysRepository,
  ) {
    this.retention = retentionOf(options);
  }

  /** @throws DatabaseUnavailableError */
  async prune({
    now = new Date(),
    signal = new AbortController().signal,
  }: PurgeOptions = {}): Promise<RetentionReport> {
    const rows: Rows = { events: 0, bodies: 0, deliveries: 0, tests: 0, audit: 0, webhookMessages: 0 };
    try {
      await this.pruneBatches(now, signal, rows);
      await this.pruneLegacy(now, signal, rows);
      await this.pruneTexts(now, signal, rows);
      await this.pruneStats(now, signal);
      await this.pruneFeed(now, signal);
      await this.pruneKeys(now, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    const deleted = Object.entries(rows).filter(([, count]) => count > 0);
    if (deleted.length > 0) {
      this.logger.log(
        `Deleted after their retention: ${deleted.map(([name, count]) => `${name} ${String(count)}`).join(', ')}`,
      );
    }
    return rows;
  }

  /** Bodies first: the digests of events outlive the texts that contain them. */
  private async pruneBatches(now: Date, signal: AbortSignal, rows: Rows): Promise<void> {
    const { bodiesMs, eventsMs, deliveriesMs } = this.retention;
    const bodiesEnd = await this.batchAt(timeBefore(now, bodiesMs));
    rows.bodies += await this.inSteps(bodiesEnd, FIRST_NUMBER, signal, (tx, ids) => this.batches.deleteBodies(tx, ids));
    const eventsEnd = await this.batchAt(timeBefore(now, eventsMs + AHEAD_MS));
    const lastEvent = eventsEnd && eventId(eventsEnd, 0);
    rows.events += await this.inSteps(lastEvent, FIRST_NUMBER, signal, (tx, ids) => this.events.deleteRange(tx, ids));
    const deliveriesEnd = await this.batchAt(timeBefore(now, deliveriesMs + AHEAD_MS));
    rows.deliveries += await this.inSteps(deliveriesEnd, FIRST_NUMBER, signal, (tx, ids) =>
      this.batches.deleteRange(tx, ids),
    );
  }

  private async pruneLegacy(now: Date, signal: AbortSignal, rows: Rows): Promise<void> {
    const { bodiesMs, eventsMs, deliveriesMs } = this.retention;
    const bodiesEnd = idAt(timeBefore(now, bodiesMs));
    rows.bodies += await this.inSteps(bodiesEnd, this.bodilessRequest, signal, (tx, ids) =>
      this.legacy.deleteRequests(tx, ids, 'bodies'),
    );
    this.bodilessRequest = bodiesEnd ?? FIRST_TEXT;
    const time = timeBefore(now, eventsMs + AHEAD_MS);
    const eventsEnd = time && (await this.unitOfWork.read((tx) => this.legacy.eventIdAt(tx, time)));
    rows.events += await this.inSteps(eventsEnd, FIRST_NUMBER, signal, (tx, ids) => this.legacy.deleteEvents(tx, ids));
    const requestsEnd = idAt(timeBefore(now, deliveriesMs + AHEAD_MS));
    rows.deliveries += await this.inSteps(requestsEnd, FIRST_TEXT, signal, (tx, ids) =>
      this.legacy.deleteRequests(tx, ids, 'rows'),
    );
  }

  private async pruneTexts(now: Date, signal: AbortSignal, rows: Rows): Promise<void> {
    const { testsMs, auditMs } = this.retention;
    const testsEnd = idAt(timeBefore(now, testsMs));
    rows.tests += await this.inSteps(testsEnd, FIRST_TEXT, signal, (tx, ids) => this.tests.deleteRange(tx, ids));
    const auditEnd = idAt(timeBefore(now, auditMs));
    rows.audit += await this.inSteps(auditEnd, FIRST_TEXT, signal, (tx, ids) => this.audit.deleteRange(tx, ids));
    const messagesEnd = idAt(timeBefore(now, WEBHOOK_MESSAGES_MS));
    rows.webhookMessages += await this.inSteps(messagesEnd, FIRST_TEXT, signal, (tx, ids) =>
      this.webhookMessages.deleteRange(tx, ids),
    );
    // A message that was replayed later has attempts that are deleted later.
    await this.inSteps(messagesEnd, FIRST_TEXT, signal, (tx, ids) => this.webhookAttempts.deleteRange(tx, ids));
  }

  /** The numbers of events of days before the longest period up to now. */
  private async pruneStats(now: Date, signal: AbortSignal): Promise<void> {
    const before = hourOf(new Date(now.getTime() - (STATS_DAYS.max + 1) * DAY_MS));
    let connection: number | undefined = FIRST_NUMBER;
    for (;;) {
      const after: number = connection;
      connection = await this.unitOfWork.read((tx) => this.stats.nextConnection(tx, after));
      if (connection === undefined) return;
      const number = connection;
      for (let isLast = false; !isLast;) {
        signal.throwIfAborted();
        ({ isLast } = await this.unitOfWork.write((tx) => this.stats.deleteSome(tx, number, { before })));
      }
    }
  }

  /** What a consumer has not read yet is kept up to twice as long. Dead letters refer to events. */
  private async pruneFeed(now: Date, signal: AbortSignal): Promise<void> {
    const { eventsMs, feedMs } = this.retention;
    const letters = timeBefore(now, eventsMs);
    if (letters) await this.unitOfWork.write((tx) => this.deadLetters.deleteBefore(tx, firstIdAt(letters)));
    const [expired, lost] = [timeBefore(now, feedMs), timeBefore(now, 2 * feedMs)];
    if (expired === undefined || lost === undefined) return;
    const end = await this.unitOfWork.read(async (tx) => {
      const unread = (await this.consumers.slowest(tx)) ?? Number.POSITIVE_INFINITY;
      const [last, first] = [await this.feed.placeAt(tx, expired), await this.feed.placeAt(tx, lost)];
      return Math.max(first, Math.min(last, unread));
    });
    for (let isLast = false; !isLast;) {
      signal.throwIfAborted();
      isLast = await this.unitOfWork.write((tx) => this.feed.deleteSomeBefore(tx, end));
    }
  }

  /** Attempts begin with the time of the instance that made them. */
  private async pruneKeys(now: Date, signal: AbortSignal): Promise<void> {
    const end = attemptId(firstIdAt(new Date(now.getTime() - KEY_RETENTION_MS - CLOCKS_MS)));
    await this.inSteps<Buffer>(Buffer.from(end, 'hex'), Buffer.alloc(0), signal, (tx, keys) =>
      this.keys.deleteRange(tx, keys),
    );
  }

  private async batchAt(time: Date | undefined): Promise<number | undefined> {
    return time && this.unitOfWork.read((tx) => this.batches.idAt(tx, time));
  }

  /** Deletes all rows below a key; none if it is undefined. @returns how many rows */
  private async inSteps<Key extends RowKey>(
    before: Key | undefined,
    first: Key,
    signal: AbortSignal,
    step: Step<Key>,
  ): Promise<number> {
    return before === undefined ? 0 : deleteInSteps(this.unitOfWork, { after: first, before }, signal, step);
  }
}

/** The id before which all rows are older. */
function idAt(time: Date | undefined): string | undefined {
  return time && firstIdAt(time);
}

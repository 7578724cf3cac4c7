import { Inject, Injectable, Logger } from '@nestjs/common';
import { UnknownVendorError } from '../adapters/adapter.registry.ts';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import type { DeletedRows } from '../database/delete-rows.ts';
import { DatabaseUnavailableError } from '../database/database-errors.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionTestsRepository } from '../diagnosis/connection-tests.repository.ts';
import { UnsavedTests } from '../diagnosis/unsaved-tests.ts';
import { EventBatchesRepository } from '../events/event-batches.repository.ts';
import { EventSizesRepository } from '../events/event-sizes.repository.ts';
import { EventsRepository } from '../events/events.repository.ts';
import { LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import {
  type ConnectionsModuleOptions,
  deletedConnectionRetentionMs,
  MODULE_OPTIONS_TOKEN,
} from '../options/connections.module-options.ts';
import { SecretsUnreadableError } from '../secrets/secret-cipher.ts';
import { EventStatsRepository } from '../stats/event-stats.repository.ts';
import { ConnectionUsagesRepository } from '../usages/connection-usages.repository.ts';
import { WebhookRegistrationService } from '../webhooks/webhook-registration.service.ts';
import { RegistrationFailedError, RegistrationObstacleError } from '../webhooks/webhook.errors.ts';

/** What a connection has in many rows, in the order of deletion. Events first: they refer to requests. */
const PURGED = ['events', 'webhookRequests', 'tests', 'usages'] as const;

type Purged = (typeof PURGED)[number];

/** The result of a purge. */
export interface PurgeReport {
  /** The number of purged connections. Only their audit entries remain. */
  readonly connections: number;
  /** The number of deleted rows. */
  readonly rows: Readonly<Record<Purged, number>>;
  /** The ids of connections whose webhook could not be removed at the vendor. The next attempt is a day later. */
  readonly postponed: readonly string[];
  /** The ids of connections whose purge failed. The next attempt is a day later. */
  readonly failed: readonly string[];
}

export interface PurgeOptions {
  /** The current time. */
  readonly now?: Date;
  /** Stops the purge between two steps. The next purge continues. */
  readonly signal?: AbortSignal;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const ACTOR = 'purge';
const PAGE = 100;
/** By then, the events of a webhook that was accepted at the last moment are stored. */
const GRACE_MS = 60 * 60 * 1000;
/** The lease of one connection, and the time until the next attempt after a failure. */
const LEASE_MS = DAY_MS;
/** How much longer a connection waits for its webhook to be removed at the vendor. */
const PATIENCE_MS = 7 * DAY_MS;

type Outcome = 'purged' | 'postponed' | 'failed' | 'skipped';

/**
 * Purges deleted connections whose webhooks are no longer accepted: first their secrets, then their events and other rows in
 * small steps, then the connection itself. Each step can be repeated, so a purge can stop at any point. Several instances can
 * purge at the same time, since one of them leases each connection.
 */
@Injectable()
export class PurgeService {
  private readonly logger = new Logger(PurgeService.name);
  private readonly retentionMs: number;
  private readonly steps: Readonly<
    Record<Purged, readonly ((tx: Transaction, row: ConnectionRow) => Promise<DeletedRows>)[]>
  >;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registration: WebhookRegistrationService,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly audit: AuditRepository,
    private readonly unsavedTests: UnsavedTests,
    events: EventsRepository,
    batches: EventBatchesRepository,
    legacy: LegacyEventsRepository,
    stats: EventStatsRepository,
    sizes: EventSizesRepository,
    tests: ConnectionTestsRepository,
    usages: ConnectionUsagesRepository,
  ) {
    this.steps = {
      events: [
        async (tx, { number }) => events.deleteSome(tx, number),
        async (tx, { id }) => legacy.deleteSomeEvents(tx, id),
        async (tx, { number }) => ({ ...(await stats.deleteSome(tx, number)), deleted: 0 }),
        async (tx, { number }) => ({ ...(await sizes.deleteSome(tx, number)), deleted: 0 }),
      ],
      webhookRequests: [
        async (tx, { number }) => batches.deleteSome(tx, number),
        async (tx, { id }) => legacy.deleteSomeRequests(tx, id),
      ],
      tests: [async (tx, { id }) => tests.deleteSome(tx, id)],
      usages: [async (tx, { id }) => usages.deleteSome(tx, id)],
    };
    this.retentionMs = deletedConnectionRetentionMs(options);
  }

  /** Purges every deleted connection after its retention, and expired tests of unsaved values. @throws DatabaseUnavailableError */
  async purge({ now = new Date(), signal = new AbortController().signal }: PurgeOptions = {}): Promise<PurgeReport> {
    const rows: Record<Purged, number> = { events: 0, webhookRequests: 0, tests: 0, usages: 0 };
    const outcomes: Record<Outcome, string[]> = { purged: [], postponed: [], failed: [], skipped: [] };
    const deletedBefore = new Date(now.getTime() - this.retentionMs - GRACE_MS);
    await this.unitOfWork.write((tx) => this.unsavedTests.deleteExpired(tx, now));
    let ids: string[];
    let after = '';
    do {
      ids = await this.unitOfWork.read((tx) => this.connections.dueForPurge(tx, deletedBefore, now, after, PAGE));
      for (const id of ids) {
        after = id;
        if (!signal.aborted) outcomes[await this.attempt(id, now, signal, rows)].push(id);
      }
    } while (ids.length === PAGE && !signal.aborted);
    const { purged, postponed, failed } = outcomes;
    if (purged.length > 0) this.logger.log(summary(purged.length, rows));
    return { connections: purged.length, rows, postponed, failed };
  }

  private async attempt(id: string, now: Date, signal: AbortSignal, rows: Record<Purged, number>): Promise<Outcome> {
    const until = new Date(now.getTime() + LEASE_MS);
    const row = await this.unitOfWork.write((tx) => this.connections.lease(tx, id, now, until));
    if (row === null) return 'skipped';
    try {
      if (!(await this.removeWebhook(row, now, signal))) return 'postponed';
      await this.unitOfWork.write((tx) => this.connections.clearSecrets(tx, id));
      for (const what of PURGED) {
        for (const step of this.steps[what]) rows[what] += await this.repeat((tx) => step(tx, row), signal);
      }
      return (await this.deleteRow(row)) ? 'purged' : 'skipped';
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      if (signal.aborted) return this.endLease(id);
      this.logger.error(`Purging connection ${id} failed. The next attempt is in a day: ${failureReason(error)}`);
      return 'failed';
    }
  }

  /** Deletes in small steps until nothing is left. @returns how many rows */
  private async repeat(step: (tx: Transaction) => Promise<DeletedRows>, signal: AbortSignal): Promise<number> {
    for (let total = 0; ;) {
      signal.throwIfAborted();
      const { deleted, isLast } = await this.unitOfWork.write(step);
      total += deleted;
      if (isLast) return total;
    }
  }

  /** @returns false if it failed and the connection must wait for the next attempt */
  private async removeWebhook(row: ConnectionRow, now: Date, signal: AbortSignal): Promise<boolean> {
    try {
      await this.registration.unregisterDeleted(row, signal);
      return true;
    } catch (error) {
      if (error instanceof DatabaseUnavailableError || signal.aborted) throw error;
      const end = new Date((row.deletedAt ?? now).getTime() + this.retentionMs + PATIENCE_MS);
      const failure = `The webhook of the deleted ${row.vendor} connection ${row.id} could not be removed at the vendor (${failureReason(error)})`;
      if (now < end) {
        this.logger.warn(`${failure}. It is tried again once a day until ${end.toISOString()}.`);
        return false;
      }
      this.logger.error(`${failure} for a week. Check whether it is still there, and remove it manually.`);
      return true;
    }
  }

  private async deleteRow({ id, organization }: ConnectionRow): Promise<boolean> {
    return this.unitOfWork.write(async (tx) => {
      const deleted = await this.connections.remove(tx, id);
      if (deleted) await this.audit.record(tx, { organization, actor: ACTOR }, 'connection.purge', id);
      return deleted;
    });
  }

  /** The next purge does not have to wait until the lease ends. */
  private async endLease(id: string): Promise<Outcome> {
    await this.unitOfWork.write((tx) => this.connections.endLease(tx, id));
    return 'skipped';
  }
}

function summary(connections: number, { events, webhookRequests, tests, usages }: PurgeReport['rows']): string {
  return `Purged connections ${String(connections)}, events ${String(events)}, webhook requests ${String(webhookRequests)}, tests ${String(tests)}, usages ${String(usages)}`;
}

/** Errors whose messages never contain a secret. */
const SAFE = [InvalidInputError, RegistrationObstacleError, SecretsUnreadableError, UnknownVendorError];

/** The reason of a failure in a form that is safe to log. */
export function failureReason(error: unknown): string {
  if (error instanceof RegistrationFailedError) return `${error.details.code}: ${error.message}`;
  if (!(error instanceof Error)) return typeof error;
  return SAFE.some((type) => error instanceof type) ? error.message : error.name;
}

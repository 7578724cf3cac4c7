import { Inject, Injectable, Logger } from '@nestjs/common';
import { UnsavedTests } from '../connections/unsaved-tests.ts';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { AuditRepository } from '../persistence/audit.repository.ts';
import { DatabaseUnavailableError } from '../persistence/database-unavailable.error.ts';
import { type Belongings, DeletedConnectionsRepository } from '../persistence/deleted-connections.repository.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { DAY_MS, deletedConnectionRetentionMs } from '../webhooks/retention.ts';
import { WebhookRegistrationService } from '../webhooks/webhook-registration.service.ts';
import { failureReason } from './failure-reason.ts';
import type { PurgeReport } from './purge-report.ts';

export interface PurgeOptions {
  /** The current time. */
  readonly now?: Date;
  /** Stops the purge between two steps. The next purge continues. */
  readonly signal?: AbortSignal;
}

const ACTOR = 'purge';
const PAGE = 100;
/** By then, the events of a webhook that was accepted at the last moment are stored. */
const GRACE_MS = 60 * 60 * 1000;
/** The lease of one connection, and the time until the next attempt after a failure. */
const HOLD_MS = DAY_MS;
/** How much longer a connection waits for its webhook to be removed at the vendor. */
const PATIENCE_MS = 7 * DAY_MS;
/** Events first: they point at requests. */
const ORDER: readonly Belongings[] = ['events', 'webhookRequests', 'tests', 'usages'];

type Outcome = 'purged' | 'postponed' | 'failed' | 'left';

/**
 * Purges deleted connections whose webhooks are no longer accepted: first their secrets, then their events and other rows in
 * small steps, then the connection itself. Each step can be repeated, so a purge can stop at any point. Several instances can
 * purge at the same time, since one of them leases each connection.
 */
@Injectable()
export class PurgeService {
  private readonly logger = new Logger(PurgeService.name);
  private readonly retentionMs: number;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registration: WebhookRegistrationService,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: DeletedConnectionsRepository,
    private readonly audit: AuditRepository,
    private readonly unsavedTests: UnsavedTests,
  ) {
    this.retentionMs = deletedConnectionRetentionMs(options);
  }

  /** Purges every deleted connection after its retention, and expired tests of unsaved values. @throws DatabaseUnavailableError */
  async purge({ now = new Date(), signal = new AbortController().signal }: PurgeOptions = {}): Promise<PurgeReport> {
    const rows: Record<Belongings, number> = { events: 0, webhookRequests: 0, tests: 0, usages: 0 };
    const outcomes: Record<Outcome, string[]> = { purged: [], postponed: [], failed: [], left: [] };
    const deletedBefore = new Date(now.getTime() - this.retentionMs - GRACE_MS);
    await this.unitOfWork.write((tx) => this.unsavedTests.deleteExpired(tx, now));
    let ids: string[];
    let after = '';
    do {
      ids = await this.unitOfWork.read((tx) => this.connections.due(tx, deletedBefore, now, after, PAGE));
      for (const id of ids) {
        after = id;
        if (!signal.aborted) outcomes[await this.attempt(id, now, signal, rows)].push(id);
      }
    } while (ids.length === PAGE && !signal.aborted);
    const { purged, postponed, failed } = outcomes;
    if (purged.length > 0) this.logger.log(summary(purged.length, rows));
    return { connections: purged.length, rows, postponed, failed };
  }

  private async attempt(
    id: string,
    now: Date,
    signal: AbortSignal,
    rows: Record<Belongings, number>,
  ): Promise<Outcome> {
    const until = new Date(now.getTime() + HOLD_MS);
    const row = await this.unitOfWork.write((tx) => this.connections.hold(tx, id, now, until));
    if (row === null) return 'left';
    try {
      if (!(await this.removeWebhook(row, now, signal))) return 'postponed';
      await this.unitOfWork.write((tx) => this.connections.clearSecrets(tx, id));
      for (const what of ORDER) {
        for (let isLast = false; !isLast;) {
          signal.throwIfAborted();
          const step = await this.unitOfWork.write((tx) => this.connections.deleteSome(tx, id, what));
          rows[what] += step.deleted;
          isLast = step.isLast;
        }
      }
      return (await this.deleteRow(row)) ? 'purged' : 'left';
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      if (signal.aborted) return this.leave(id);
      this.logger.error(`Purging connection ${id} failed. The next attempt is in a day: ${failureReason(error)}`);
      return 'failed';
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
      const deleted = await this.connections.delete(tx, id);
      if (deleted) await this.audit.record(tx, { organization, actor: ACTOR }, 'connection.purge', id);
      return deleted;
    });
  }

  /** The next purge does not have to wait until the lease ends. */
  private async leave(id: string): Promise<Outcome> {
    await this.unitOfWork.write((tx) => this.connections.release(tx, id));
    return 'left';
  }
}

function summary(connections: number, { events, webhookRequests, tests, usages }: PurgeReport['rows']): string {
  return `Purged connections ${String(connections)}, events ${String(events)}, webhook requests ${String(webhookRequests)}, tests ${String(tests)}, usages ${String(usages)}`;
}

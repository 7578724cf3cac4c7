import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { BackgroundWork } from '../database/background-work.ts';
import { JobLoop } from '../database/job-loop.ts';
import { runStatements } from '../database/insert-statement.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { BatchIds } from '../events/batch-ids.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import { eventId } from '../events/events.repository.ts';
import {
  type WebhookHealthReason,
  WebhookHealthChangesRepository,
  type WebhookHealthState,
} from '../events/webhook-health-changes.repository.ts';
import {
  type ConnectionsModuleOptions,
  MODULE_OPTIONS_TOKEN,
  retentionOf,
  webhookSilenceMs,
} from '../options/connections.module-options.ts';
import { ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import { entryOf, FeedRepository } from '../sequence/feed.repository.ts';
import { Sequencer } from '../sequence/sequencer.ts';
import { EventStatsRepository } from '../stats/event-stats.repository.ts';
import { type OutcomeCounts, type WebhookCountRow, WebhookCountsRepository } from './webhook-counts.repository.ts';
import { type WebhookHealthRow, WebhookHealthRepository } from './webhook-health.repository.ts';
import { healthOf, type HealthVerdict } from './webhook-health.ts';
import { webhookState, type WebhookStatus } from './webhook-status.service.ts';

export interface WebhookHealthChange extends HealthVerdict {
  readonly changedAt: Date;
}

/** Whether the events of a connection's vendor arrive, and the numbers that this follows from. */
export interface WebhookHealth extends HealthVerdict {
  /** When it changed to this state and reason. */
  readonly since: Date;
  /** When an authenticated request was last received, whether it could be read or not. */
  readonly lastAuthenticatedAt: Date | null;
  readonly lastEventAt: Date | null;
  readonly lastUnauthenticatedAt: Date | null;
  /** Of the last 24 hours, from the beginning of an hour. */
  readonly counts: {
    readonly from: Date;
    /** Authenticated requests whose events were stored. */
    readonly accepted: number;
    /** Authenticated requests that could not be read. */
    readonly rejected: number;
    readonly unauthenticated: {
      readonly missing: number;
      readonly invalid: number;
      readonly malformed: number;
      readonly not_configured: number;
    };
    /** New events. */
    readonly events: number;
  };
  /** New events per minute, in this hour and the one before. */
  readonly eventsPerMinute: number;
  /** After so many hours without an event, accepted emails make the state `unhealthy`. */
  readonly silenceHours: number;
  /** The last 20 changes, newest first. */
  readonly changes: readonly WebhookHealthChange[];
}

const HOUR_MS = 60 * 60 * 1_000;
const SHOWN_HOURS = 24;
const SHOWN_CHANGES = 20;
const KEPT_HOURS = 48;
/** Emails that were accepted earlier no longer matter. */
const MAX_SILENCE_MS = 7 * 24 * HOUR_MS;
const PAGE = 200;
/** A connection that another instance has just checked is skipped. */
const CHECKED_MS = 50_000;

interface Checked {
  readonly health: Pick<WebhookHealthRow, 'state' | 'reason' | 'since'>;
  readonly status: WebhookStatus | undefined;
  readonly counts: readonly WebhookCountRow[];
}

/**
 * Watches over the webhooks of all connections, once a minute on each instance. The verdict follows from what is stored, and a
 * change is recorded and announced to the feed by the first instance that finds it.
 */
@Injectable()
export class WebhookHealthService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WebhookHealthService.name);
  private readonly silenceMs: number;
  /** How long a reader of the feed may need for a change. */
  private readonly keptMs: number;
  private readonly isEnabled: boolean;
  private readonly loop = new JobLoop(() => this.run());

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly background: BackgroundWork,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly webhooks: ConnectionWebhooksRepository,
    private readonly counts: WebhookCountsRepository,
    private readonly stats: EventStatsRepository,
    private readonly healths: WebhookHealthRepository,
    private readonly changes: WebhookHealthChangesRepository,
    private readonly ids: BatchIds,
    private readonly feed: FeedRepository,
    private readonly sequencer: Sequencer,
  ) {
    this.keptMs = 2 * retentionOf(options).feedMs;
    this.silenceMs = webhookSilenceMs(options);
    this.isEnabled = options.webhookHealthChecks !== false;
  }

  onApplicationBootstrap(): void {
    if (this.isEnabled) this.background.begin(() => this.loop.begin());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** Checks the webhook first. @throws ConnectionNotFoundError */
  async get(caller: Caller, connectionId: string, now = new Date()): Promise<WebhookHealth> {
    const row = await this.loader.row(caller.organization, connectionId);
    const [checked] = await this.check([row], now);
    const changes = await this.unitOfWork.read((tx) => this.changes.list(tx, row.id, SHOWN_CHANGES));
    const { health, status, counts } = checked as Checked;
    return {
      state: health.state,
      reason: health.reason,
      since: health.since,
      lastAuthenticatedAt: latest(status?.lastReceivedAt, status?.lastRejectedAt),
      lastEventAt: status?.lastEventAt ?? null,
      lastUnauthenticatedAt: status?.lastUnauthenticatedAt ?? null,
      ...numbersOf(counts, now),
      silenceHours: this.silenceMs / HOUR_MS,
      changes: changes.map(({ state, reason, changedAt }) => ({ state, reason, changedAt })),
    };
  }

  /** Checks the webhooks of all connections that no other instance has checked since a minute. */
  async checkAll(now = new Date()): Promise<void> {
    let after = '';
    for (;;) {
      const last = after;
      const rows = await this.unitOfWork.read((tx) => this.connections.nextActive(tx, last, PAGE), { lane: 'query' });
      const vendors = new Set(this.registry.vendors.filter((vendor) => this.receiverOf(vendor) !== undefined));
      const watched = rows.filter(({ vendor }) => vendors.has(vendor));
      const due = await this.dueAmong(watched, now);
      if (due.length > 0) {
        await this.check(due, now);
        const ids = due.map(({ id }) => id);
        await this.unitOfWork.write(async (tx) => {
          await this.healths.markChecked(tx, ids, now);
          await this.counts.deleteBefore(tx, ids, new Date(now.getTime() - KEPT_HOURS * HOUR_MS));
        });
      }
      after = rows.at(-1)?.id ?? '';
      if (rows.length < PAGE || this.loop.isStopping) return;
    }
  }

  private async run(): Promise<void> {
    try {
      await this.checkAll();
    } catch (error) {
      this.logger.warn(`The health of webhooks could not be checked, and will be in a minute: ${safeMessage(error)}`);
    }
  }

  private async dueAmong(rows: readonly ConnectionRow[], now: Date): Promise<readonly ConnectionRow[]> {
    const ids = rows.map(({ id }) => id);
    const known = await this.unitOfWork.read((tx) => this.healths.find(tx, ids));
    const checkedAt = new Map(known.map((row) => [row.connectionId, row.checkedAt]));
    return rows.filter(({ id }) => now.getTime() - (checkedAt.get(id)?.getTime() ?? 0) >= CHECKED_MS);
  }

  /** In the order of the rows. */
  private async check(rows: readonly ConnectionRow[], now: Date): Promise<readonly Checked[]> {
    const ids = rows.map(({ id }) => id);
    // Not what this instance has not written yet: others would decide otherwise.
    const { webhooks, counts, healths } = await this.unitOfWork.read(async (tx) => ({
      webhooks: await this.webhooks.find(tx, ids),
      counts: await this.counts.since(tx, ids, new Date(now.getTime() - SHOWN_HOURS * HOUR_MS)),
      healths: await this.healths.find(tx, ids),
    }));
    const statuses = new Map(webhooks.map((row) => [row.connectionId, row]));
    const before = new Map(healths.map((row) => [row.connectionId, row]));
    const checked: Checked[] = [];
    for (const row of rows) {
      const own = counts.filter(({ connectionId }) => connectionId === row.id);
      const status = statuses.get(row.id);
      const verdict = await this.verdictOn(row, status, own, now);
      // A vendor without webhooks has no changes that anyone waits for.
      const health =
        this.receiverOf(row.vendor) === undefined
          ? { ...verdict, since: row.createdAt }
          : await this.record(row, before.get(row.id), verdict, now);
      checked.push({ health, status, counts: own });
    }
    return checked;
  }

  private async verdictOn(
    row: ConnectionRow,
    status: WebhookStatus | undefined,
    counts: readonly WebhookCountRow[],
    now: Date,
  ): Promise<HealthVerdict> {
    const state = webhookState(row, this.registry.find(row.vendor), status);
    const recentFrom = hourOf(now) - 1;
    const recent = sumOf(counts.filter(({ hour }) => hour >= recentFrom));
    const isWatched = state === 'receiving' || state === 'waiting';
    const isSilent = isWatched && (await this.unitOfWork.read((tx) => this.isSilent(tx, row, status, now)));
    return healthOf({ state, recent, isSilent });
  }

  /** Whether an email was accepted after the hour of the last event, in an hour that ended at least `silenceMs` ago. */
  private async isSilent(
    tx: Transaction,
    { number, createdAt }: ConnectionRow,
    status: WebhookStatus | undefined,
    now: Date,
  ): Promise<boolean> {
    const until = new Date(now.getTime() - this.silenceMs);
    const last = latest(status?.lastEventAt, status?.registeredAt) ?? createdAt;
    if (last > until) return false;
    const from = new Date(Math.max(last.getTime() + HOUR_MS, now.getTime() - MAX_SILENCE_MS));
    return this.stats.has(tx, number, 'sent', from, new Date(until.getTime() - HOUR_MS));
  }

  /** @returns the row as it is stored now */
  private async record(
    connection: ConnectionRow,
    before: WebhookHealthRow | undefined,
    { state, reason }: HealthVerdict,
    now: Date,
  ): Promise<WebhookHealthRow> {
    if (before?.state === state && before.reason === reason) return before;
    const { id } = connection;
    const row = { connectionId: id, state, reason, since: now, checkedAt: now };
    const { first } = await this.ids.take(1);
    const event = eventId(first, 0);
    const isRecorded = await this.unitOfWork.write(async (tx) => {
      // Locks the row: two instances record a first state one after the other.
      await this.webhooks.save(tx, id, {});
      if (!(await this.healths.replace(tx, before, row))) return false;
      const previous = {
        previousState: before?.state ?? null,
        previousReason: before?.reason ?? null,
        previousSince: before?.since ?? null,
      };
      const change = { connectionId: id, event, state, reason, changedAt: now, ...previous };
      await this.changes.add(tx, change, this.keptFrom(now));
      const limits = this.unitOfWork.statementLimits;
      await runStatements(tx, this.feed.announcements(tx.connection, entryOf(connection, [event]), limits), limits);
      return true;
    });
    if (!isRecorded) {
      const [other] = await this.unitOfWork.read((tx) => this.healths.find(tx, [id]));
      return other ?? row;
    }
    this.sequencer.notice();
    this.log(connection, row, before?.state);
    return row;
  }

  private keptFrom(now: Date): Date {
    return new Date(Math.max(0, now.getTime() - this.keptMs));
  }

  private log(
    { id, vendor }: ConnectionRow,
    { state, reason }: HealthVerdict,
    before: WebhookHealthState | undefined,
  ): void {
    if (reason !== null) this.logger.warn(`The webhook of the ${vendor} connection ${id} ${WARNINGS[reason]}`);
    else if (before === 'unhealthy') this.logger.log(`The webhook of the ${vendor} connection ${id} is ${state}.`);
  }

  private receiverOf(vendor: string) {
    return this.registry.find(vendor)?.adapter.webhooks;
  }
}

const WARNINGS: Readonly<Record<WebhookHealthReason, string>> = {
  unreadable: 'receives requests that cannot be read.',
  signature_failures: 'receives only requests that fail authentication.',
  no_events: 'has received no events although emails were accepted.',
};

function latest(one: Date | null | undefined, other: Date | null | undefined): Date | null {
  if (!one || !other) return one ?? other ?? null;
  return one > other ? one : other;
}

function sumOf(rows: readonly WebhookCountRow[]): OutcomeCounts {
  const sums: Record<string, number> = {};
  for (const { outcome, count } of rows) sums[outcome] = (sums[outcome] ?? 0) + count;
  return sums;
}

function numbersOf(rows: readonly WebhookCountRow[], now: Date): Pick<WebhookHealth, 'counts' | 'eventsPerMinute'> {
  const from = hourOf(now) - SHOWN_HOURS + 1;
  const shown = sumOf(rows.filter(({ hour }) => hour >= from));
  const recentFrom = hourOf(now) - 1;
  const recent = sumOf(rows.filter(({ hour }) => hour >= recentFrom));
  const minutes = (now.getTime() - recentFrom * HOUR_MS) / 60_000;
  const { accepted = 0, rejected = 0, events = 0, missing = 0, invalid = 0, malformed = 0, not_configured = 0 } = shown;
  return {
    counts: {
      from: new Date(from * HOUR_MS),
      accepted,
      rejected,
      unauthenticated: { missing, invalid, malformed, not_configured },
      events,
    },
    eventsPerMinute: Math.round(((recent.events ?? 0) / minutes) * 100) / 100,
  };
}

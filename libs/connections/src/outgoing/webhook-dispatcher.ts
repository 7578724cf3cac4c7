import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AuditRepository } from '../audit/audit.repository.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { BackgroundWork } from '../database/background-work.ts';
import { JobLoop } from '../database/job-loop.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { Clock } from '../options/clock.ts';
import { EndpointSecretUnreadableError } from './endpoint-secrets.ts';
import { MessageEvents } from './message-events.ts';
import { nextAttemptAt } from './retry-schedule.ts';
import { type AttemptError, WebhookAttemptsRepository } from './webhook-attempts.repository.ts';
import {
  type EndpointLease,
  type EndpointStateReason,
  type WebhookEndpointRow,
  WebhookEndpointsRepository,
} from './webhook-endpoints.repository.ts';
import { type WebhookMessageRow, WebhookMessagesRepository } from './webhook-messages.repository.ts';
import { isSuccess, type SentAttempt, WebhookSender } from './webhook-sender.ts';

/** An endpoint that this instance sends to. */
interface Service extends EndpointLease {
  isFailing: boolean;
  /** Has it look for further messages before those that are being sent have ended. */
  wake: () => void;
}

/** What to do with the endpoint after an attempt. */
interface Verdict {
  readonly isFailing: boolean;
  readonly disabled?: EndpointStateReason | undefined;
}

/** Nothing was sent, and the message waits for so long. */
interface Postponed {
  readonly postponedMs: number;
}

interface Claimed {
  readonly endpoint: WebhookEndpointRow;
  readonly message: WebhookMessageRow;
}

/** Longer than an attempt with its transactions. */
const LEASE_MS = 60_000;
const POLL_MS = 5_000;
const MIN_POLL_MS = 1_000;
/** How many endpoints an instance sends to at the same time, and how many of them may be failing: they take longer. */
const MAX_ENDPOINTS = 32;
const MAX_FAILING = 16;
/** How many messages are sent to one endpoint at the same time. One that is failing gets one. */
const MAX_PARALLEL = 4;
/** After that, other endpoints have their turn. */
const TURN_MS = 20_000;
/** An endpoint that has not succeeded for so long is disabled when a message has failed. */
const FAILING_MS = 3 * 24 * 60 * 60 * 1_000;
/** The pause while a secret cannot be decrypted. */
const UNREADABLE_MS = 5 * 60_000;
/** How long attempts may continue when the application stops. Those that are interrupted are repeated, with the same id. */
const STOP_MS = 3_000;
const ACTOR = 'outgoing-webhooks';
const GONE = 410;
const DATABASE_FAULTS = [DatabaseUnavailableError, DatabaseOverloadedError];
const REASONS: Readonly<Record<EndpointStateReason, string>> = {
  user: 'a user disabled it',
  gone: 'it responded 410 Gone',
  failing: 'all attempts to deliver a message failed for 3 days',
};

/**
 * Sends the messages that are due. An endpoint is leased, so that only one instance sends to it; another continues if this one
 * stops. Endpoints are independent of each other: one that hangs delays only its own messages.
 */
@Injectable()
export class WebhookDispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WebhookDispatcher.name);
  private readonly services = new Map<Service, Promise<void>>();
  private readonly stopping = new AbortController();
  private nextMs = POLL_MS;
  private readonly loop = new JobLoop(() => this.run(), { nextMs: () => this.nextMs });

  constructor(
    private readonly background: BackgroundWork,
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly attempts: WebhookAttemptsRepository,
    private readonly events: MessageEvents,
    private readonly sender: WebhookSender,
    private readonly audit: AuditRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.background.begin(() => this.loop.begin());
  }

  /** Before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
    const timer = setTimeout(() => this.stopping.abort(new Error('The application stops.')), STOP_MS).unref();
    await Promise.all(this.services.values());
    clearTimeout(timer);
  }

  /**
   * Sends all messages that are due.
   * @param endpointId where there is a new one
   */
  start(endpointId?: string): void {
    for (const service of this.services.keys()) if (service.endpointId === endpointId) service.wake();
    this.loop.start();
  }

  /** Begins to send to every endpoint that has a message due and that no instance is sending to. */
  private async run(): Promise<void> {
    try {
      this.nextMs = await this.lease();
    } catch (error) {
      this.nextMs = POLL_MS;
      this.logger.warn(`Outgoing webhooks were interrupted and continue later: ${safeMessage(error)}`);
    }
  }

  /** @returns the time until the next message is due */
  private async lease(): Promise<number> {
    for (;;) {
      const due = await this.unitOfWork.read((tx) => this.endpoints.nextDue(tx));
      const waitMs = due === null ? POLL_MS : due.getTime() - this.clock.now().getTime();
      if (waitMs > 0) return Math.min(POLL_MS, Math.max(MIN_POLL_MS, waitMs));
      const row = await this.leaseNext();
      if (row === null) return MIN_POLL_MS;
      this.begin(row);
    }
  }

  private async leaseNext(): Promise<WebhookEndpointRow | null> {
    if (this.loop.isStopping || this.services.size >= MAX_ENDPOINTS) return null;
    const failing = [...this.services.keys()].filter(({ isFailing }) => isFailing).length;
    return this.unitOfWork.write(async (tx) => {
      const now = this.clock.now();
      const lease = { by: uuid(), now, until: this.leaseEnd(), isFailing: failing < MAX_FAILING };
      const row = await this.endpoints.lease(tx, lease);
      // Those of an instance that was lost.
      if (row !== null) await this.messages.resume(tx, row.id, now);
      return row;
    });
  }

  private begin(row: WebhookEndpointRow): void {
    const service: Service = {
      endpointId: row.id,
      leasedBy: row.leasedBy ?? '',
      isFailing: row.failingSince !== null,
      wake: () => undefined,
    };
    const served = this.serve(service).finally(() => {
      this.services.delete(service);
      this.loop.start();
    });
    this.services.set(service, served);
  }

  /** Sends the messages of an endpoint until none is due, or its turn ends. */
  private async serve(service: Service): Promise<void> {
    const turnEnds = performance.now() + TURN_MS;
    const sending = new Set<Promise<unknown>>();
    let isLost = false;
    const interrupt = (error: unknown): [] => {
      // The lease ends, and this or another instance continues.
      isLost = true;
      const { endpointId } = service;
      this.logger.warn(`Sending to webhook endpoint ${endpointId} was interrupted: ${safeMessage(error)}`);
      return [];
    };
    const attempt = async (endpoint: WebhookEndpointRow, message: WebhookMessageRow): Promise<void> => {
      const isStored = await this.attempt(service, endpoint, message);
      isLost ||= !isStored;
    };
    for (;;) {
      const woken = new Promise<void>((resolve) => (service.wake = resolve));
      const mayContinue = !isLost && !this.loop.isStopping && performance.now() < turnEnds;
      const free = (service.isFailing ? 1 : MAX_PARALLEL) - sending.size;
      const claimed = mayContinue && free > 0 ? await this.claim(service, free).catch(interrupt) : [];
      for (const { endpoint, message } of claimed) {
        const attempted = attempt(endpoint, message)
          .catch(interrupt)
          .finally(() => sending.delete(attempted));
        sending.add(attempted);
      }
      if (sending.size === 0) break;
      await Promise.race(mayContinue && free > 0 ? [woken, ...sending] : sending);
    }
    if (!isLost) await this.unitOfWork.write((tx) => this.release(tx, service)).catch(interrupt);
  }

  /** Takes messages that are due, so that they are sent. */
  private async claim(service: Service, limit: number): Promise<Claimed[]> {
    return this.unitOfWork.write(async (tx) => {
      const endpoint = await this.endpoints.prolong(tx, service, this.leaseEnd());
      if (endpoint === null || endpoint.state !== 'enabled') return [];
      const now = this.clock.now();
      const claimed: Claimed[] = [];
      for (const message of await this.messages.due(tx, endpoint.id, now, limit)) {
        message.state = 'sending';
        message.attempts++;
        message.firstAttemptAt ??= now;
        const { id, state, attempts, firstAttemptAt } = message;
        await this.messages.update(tx, [id], { state, attempts, firstAttemptAt });
        claimed.push({ endpoint, message });
      }
      return claimed;
    });
  }

  /**
   * @returns false if the lease was lost: another instance sends the message again
   * @throws DatabaseUnavailableError, DatabaseOverloadedError
   */
  private async attempt(service: Service, endpoint: WebhookEndpointRow, message: WebhookMessageRow): Promise<boolean> {
    const sent = await this.send(endpoint, message);
    const verdict = await this.unitOfWork.write(async (tx) => {
      const row = await this.endpoints.prolong(tx, service, this.leaseEnd());
      if (row === null) return undefined;
      return 'postponedMs' in sent
        ? this.postpone(tx, row, message, sent.postponedMs)
        : this.store(tx, row, message, sent);
    });
    if (verdict === undefined) return false;
    service.isFailing = verdict.isFailing;
    if (verdict.disabled !== undefined) {
      const { id, organization } = endpoint;
      const why = REASONS[verdict.disabled];
      this.logger.warn(`Webhook endpoint ${id} of organization ${organization} is disabled: ${why}.`);
    }
    return true;
  }

  private async send(endpoint: WebhookEndpointRow, message: WebhookMessageRow): Promise<SentAttempt | Postponed> {
    try {
      const body = await this.events.body(endpoint, message);
      if (body === undefined) return this.unsent('events_deleted');
      return await this.sender.send(endpoint, message.id, body, this.stopping.signal);
    } catch (error) {
      if (this.stopping.signal.aborted) return { postponedMs: 0 };
      if (DATABASE_FAULTS.some((type) => error instanceof type)) throw error;
      if (error instanceof EndpointSecretUnreadableError) {
        this.logger.error(error.message);
        return { postponedMs: UNREADABLE_MS };
      }
      this.logger.error(`Webhook message ${message.id} could not be sent: ${safeMessage(error)}`);
      return this.unsent('unexpected');
    }
  }

  private unsent(error: AttemptError): SentAttempt {
    return { startedAt: this.clock.now(), durationMs: 0, status: null, error, response: null };
  }

  /** The attempt does not count. */
  private async postpone(
    tx: Transaction,
    { failingSince }: WebhookEndpointRow,
    { id, attempts }: WebhookMessageRow,
    pauseMs: number,
  ): Promise<Verdict> {
    const next = new Date(this.clock.now().getTime() + pauseMs);
    await this.messages.update(tx, [id], { state: 'pending', attempts: attempts - 1, nextAttemptAt: next });
    return { isFailing: failingSince !== null };
  }

  /** Stores the result of an attempt. */
  private async store(
    tx: Transaction,
    endpoint: WebhookEndpointRow,
    message: WebhookMessageRow,
    { retryAfterMs, ...sent }: SentAttempt,
  ): Promise<Verdict> {
    const now = this.clock.now();
    const { organization } = endpoint;
    await this.attempts.add(tx, { id: uuid(), organization, messageId: message.id, ...sent });
    if (isSuccess(sent)) {
      await this.messages.update(tx, [message.id], { state: 'delivered', nextAttemptAt: null, endedAt: now });
      await this.endpoints.update(tx, endpoint.id, { failingSince: null, lastSuccessAt: now });
      return { isFailing: false };
    }
    const isEmpty = sent.error === 'events_deleted';
    const next = isEmpty ? undefined : nextAttemptAt(message.attempts, now, retryAfterMs);
    const isLast = next === undefined;
    const ended = { state: 'failed', nextAttemptAt: null, endedAt: now } as const;
    await this.messages.update(tx, [message.id], isLast ? ended : { state: 'pending', nextAttemptAt: next });
    // Nothing was sent.
    if (isEmpty) return { isFailing: endpoint.failingSince !== null };
    const failingSince = endpoint.failingSince ?? now;
    await this.endpoints.update(tx, endpoint.id, { failingSince });
    const isLong = isLast && now.getTime() - failingSince.getTime() >= FAILING_MS;
    const reason = sent.status === GONE ? 'gone' : isLong ? 'failing' : undefined;
    if (reason === undefined || endpoint.state === 'disabled') return { isFailing: true };
    await this.disable(tx, endpoint, reason, now);
    return { isFailing: true, disabled: reason };
  }

  private async disable(
    tx: Transaction,
    { id, organization, version }: WebhookEndpointRow,
    stateReason: EndpointStateReason,
    now: Date,
  ): Promise<void> {
    const changes = { state: 'disabled', stateReason, stateSince: now, version: version + 1, updatedAt: now } as const;
    await this.endpoints.update(tx, id, changes);
    await this.audit.record(tx, { organization, actor: ACTOR }, 'webhook_endpoint.disable', id, [stateReason]);
  }

  /** Ends the lease. From then on, any instance may send the next message. */
  private async release(tx: Transaction, service: Service): Promise<void> {
    const row = await this.endpoints.prolong(tx, service, this.leaseEnd());
    if (row === null) return;
    const dueAt = await this.messages.nextDue(tx, row.id);
    await this.endpoints.update(tx, row.id, { leasedBy: null, leasedUntil: null, dueAt });
  }

  private leaseEnd(): Date {
    return new Date(this.clock.now().getTime() + LEASE_MS);
  }
}

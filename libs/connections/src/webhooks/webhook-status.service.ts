import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { ConnectionWebhooksRepository } from '../persistence/connection-webhooks.repository.ts';
import { DatabaseUnavailableError } from '../persistence/database-unavailable.error.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';
import type { WebhookStatus } from './webhook-state.ts';
import { safeMessage } from '../safe-message.ts';

const FLUSH_MS = 1_000;
const NOTHING: WebhookStatus = {
  lastReceivedAt: null,
  lastEventAt: null,
  lastRejectedAt: null,
  lastUnauthenticatedAt: null,
  unauthenticatedReason: null,
  vendorId: null,
  registeredAt: null,
  removedAt: null,
};

/**
 * Records when a connection last accepted or rejected a webhook request. It writes at most once a second, because requests
 * that each updated the same row would wait for each other; what is not written yet is merged into what it reads.
 */
@Injectable()
export class WebhookStatusService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(WebhookStatusService.name);
  private unwritten = new Map<string, Partial<WebhookStatus>>();
  private beingWritten = new Map<string, Partial<WebhookStatus>>();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: ConnectionWebhooksRepository,
  ) {}

  received(connectionId: string, at: Date, hasEvents: boolean): void {
    this.note(connectionId, { lastReceivedAt: at, ...(hasEvents ? { lastEventAt: at } : {}) });
  }

  /** The request was authenticated, but could not be read. */
  rejected(connectionId: string, at: Date): void {
    this.note(connectionId, { lastRejectedAt: at });
  }

  /** The request was not authenticated. */
  refused(connectionId: string, at: Date, why: UnauthenticatedReason): void {
    this.note(connectionId, { lastUnauthenticatedAt: at, unauthenticatedReason: why });
  }

  /** By connection; connections without any request or registration are absent. Does not wait for a write in progress. */
  async of(connectionIds: readonly string[]): Promise<ReadonlyMap<string, WebhookStatus>> {
    const unread = new Map(
      connectionIds.map((id) => [id, { ...this.beingWritten.get(id), ...this.unwritten.get(id) }]),
    );
    const rows = await this.unitOfWork.read((tx) => this.webhooks.find(tx, connectionIds));
    const known = new Map(rows.map((row) => [row.connectionId, row as WebhookStatus]));
    return new Map(
      connectionIds.flatMap((id) => {
        const stored = known.get(id);
        const news = { ...unread.get(id), ...this.unwritten.get(id) };
        return stored === undefined && Object.keys(news).length === 0
          ? []
          : [[id, { ...NOTHING, ...stored, ...news }] as const];
      }),
    );
  }

  /** Runs while the database is still open. A request accepted after this is in the events, only not in the status. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.flush();
  }

  private note(connectionId: string, news: Partial<WebhookStatus>): void {
    this.unwritten.set(connectionId, { ...this.unwritten.get(connectionId), ...news });
    if (this.stopping) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, FLUSH_MS).unref();
  }

  private flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const news = this.unwritten;
    if (news.size === 0) return;
    this.beingWritten = news;
    this.unwritten = new Map();
    await this.store(news);
    this.beingWritten = new Map();
  }

  private async store(news: ReadonlyMap<string, Partial<WebhookStatus>>): Promise<void> {
    // In one order, so that two instances do not wait for each other.
    const sorted = [...news].toSorted(([one], [other]) => (one < other ? -1 : 1));
    try {
      await this.unitOfWork.write(async (tx) => {
        for (const [connectionId, changes] of sorted) await this.webhooks.save(tx, connectionId, changes);
      });
    } catch (error) {
      // One of the connections may have been purged: that must not lose the status of the others.
      if (sorted.length > 1 && !(error instanceof DatabaseUnavailableError)) {
        for (const one of sorted) await this.store(new Map([one]));
        return;
      }
      // The events themselves are stored; the next request updates the status.
      const ids = sorted.map(([id]) => id).join(', ');
      this.logger.warn(`The webhook status of ${ids} could not be stored: ${safeMessage(error)}`);
    }
  }
}

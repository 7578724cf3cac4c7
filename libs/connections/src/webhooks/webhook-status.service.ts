import { declaredFields, type WebhookReceiver } from '@score-crm/adapter-kit';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { AdapterRegistry, type RegisteredAdapter } from '../adapters/adapter.registry.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import type { ConnectionWebhook, ConnectionWebhooks, WebhookState } from '../connections/ports.ts';
import { DatabaseUnavailableError } from '../database/database-errors.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import { type ConnectionWebhookRow, ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import { type WebhookCountRow, WebhookCountsRepository, type WebhookOutcome } from './webhook-counts.repository.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';

/** When requests arrived, and when the webhook was registered or removed; null for what did not happen. */
export type WebhookStatus = Pick<
  ConnectionWebhookRow,
  | 'lastReceivedAt'
  | 'lastEventAt'
  | 'lastRejectedAt'
  | 'lastUnauthenticatedAt'
  | 'unauthenticatedReason'
  | 'unauthenticatedCount'
  | 'vendorId'
  | 'registeredAt'
  | 'removedAt'
>;

/**
 * For how long after a removal requests do not count: vendors deliver what they had queued, and the one that retries
 * longest (SendGrid) retries for 24 hours. Requests after that come from a webhook that was set up manually.
 */
const REMOVAL_GRACE_MS = 24 * 60 * 60 * 1000;

export function webhookState(
  row: Pick<ConnectionRow, 'secretInfo'>,
  registered: Pick<RegisteredAdapter, 'adapter'> | undefined,
  status: WebhookStatus | undefined,
): WebhookState {
  const receiver: WebhookReceiver | undefined = registered?.adapter.webhooks;
  if (registered === undefined || receiver === undefined) return 'unsupported';
  const fields = declaredFields(registered.adapter.settings).filter((field) => field.inboundOnly === true);
  if (!fields.some(({ name }) => row.secretInfo[name] !== undefined)) return 'not_set_up';

  const removedAt = timeOf(status?.removedAt);
  const isRegistered = (status?.vendorId ?? null) !== null;
  // A generated secret exists from the start; one that a person entered was copied from the vendor or to it.
  const enteredAt = fields
    .filter((field) => field.generated !== true)
    .map(({ name }) => Date.parse(row.secretInfo[name]?.updatedAt ?? ''))
    .find((time) => time > removedAt);
  const countedFrom =
    removedAt === 0 || isRegistered || enteredAt !== undefined ? removedAt : removedAt + REMOVAL_GRACE_MS;
  const receivedAt = timeOf(status?.lastReceivedAt);
  const rejectedAt = timeOf(status?.lastRejectedAt);
  if (Math.max(receivedAt, rejectedAt) > countedFrom) return rejectedAt > receivedAt ? 'failing' : 'receiving';
  return isRegistered || enteredAt !== undefined ? 'waiting' : 'not_set_up';
}

function timeOf(time: Date | null | undefined): number {
  return time?.getTime() ?? 0;
}

const FLUSH_MS = 1_000;
const NOTHING: WebhookStatus = {
  lastReceivedAt: null,
  lastEventAt: null,
  lastRejectedAt: null,
  lastUnauthenticatedAt: null,
  unauthenticatedReason: null,
  unauthenticatedCount: 0,
  vendorId: null,
  registeredAt: null,
  removedAt: null,
};

/** What happened to a connection's webhook since the last write. */
interface News {
  readonly changes: Partial<WebhookStatus>;
  readonly counts: readonly Omit<WebhookCountRow, 'connectionId'>[];
}

/**
 * Records when a connection last accepted or rejected a webhook request, and how many there were. It writes at most once a second, because requests
 * that each updated the same row would wait for each other; what is not written yet is merged into what it reads.
 */
@Injectable()
export class WebhookStatusService implements BeforeApplicationShutdown, ConnectionWebhooks {
  private readonly logger = new Logger(WebhookStatusService.name);
  private unwritten = new Map<string, News>();
  private beingWritten = new Map<string, News>();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: ConnectionWebhooksRepository,
    private readonly counts: WebhookCountsRepository,
  ) {}

  /** @param events the number of new events */
  received(connectionId: string, at: Date, events: number): void {
    const status = { lastReceivedAt: at, ...(events > 0 ? { lastEventAt: at } : {}) };
    this.note(connectionId, status, at, { accepted: 1, events });
  }

  /** The request was authenticated, but could not be read. */
  rejected(connectionId: string, at: Date): void {
    this.note(connectionId, { lastRejectedAt: at }, at, { rejected: 1 });
  }

  /** The request was not authenticated. */
  refused(connectionId: string, at: Date, why: UnauthenticatedReason): void {
    this.note(connectionId, { lastUnauthenticatedAt: at, unauthenticatedReason: why }, at, { [why]: 1 });
  }

  /** By connection; connections without any request or registration are absent. Does not wait for a write in progress. */
  async of(connectionIds: readonly string[]): Promise<ReadonlyMap<string, WebhookStatus>> {
    const unread = new Map(
      connectionIds.map((id) => [id, { ...this.beingWritten.get(id)?.changes, ...this.unwritten.get(id)?.changes }]),
    );
    const rows = await this.unitOfWork.read((tx) => this.webhooks.find(tx, connectionIds));
    const known = new Map(rows.map((row) => [row.connectionId, row as WebhookStatus]));
    return new Map(
      connectionIds.flatMap((id) => {
        const stored = known.get(id);
        const news = { ...unread.get(id), ...this.unwritten.get(id)?.changes };
        return stored === undefined && Object.keys(news).length === 0
          ? []
          : [[id, { ...NOTHING, ...stored, ...news }] as const];
      }),
    );
  }

  async webhooksOf(rows: readonly ConnectionRow[]): Promise<readonly ConnectionWebhook[]> {
    const statuses = await this.of(rows.map(({ id }) => id));
    return rows.map((row) => {
      const registered = this.registry.find(row.vendor);
      const supported = registered?.adapter.webhooks !== undefined;
      const status = statuses.get(row.id);
      return {
        supported,
        url: supported ? (webhookUrl(this.options, row) ?? null) : null,
        state: webhookState(row, registered, status),
        lastEventAt: status?.lastEventAt ?? null,
      };
    });
  }

  /** Runs while the database is still open. A request accepted after this is in the events, only not in the status. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.flush();
  }

  private note(
    connectionId: string,
    changes: Partial<WebhookStatus>,
    at: Date,
    counts: Readonly<Partial<Record<WebhookOutcome, number>>>,
  ): void {
    const known = this.unwritten.get(connectionId);
    const news = { changes: { ...known?.changes, ...changes }, counts: added(known?.counts ?? [], hourOf(at), counts) };
    this.unwritten.set(connectionId, news);
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

  private async store(news: ReadonlyMap<string, News>): Promise<void> {
    // In one order, so that two instances do not wait for each other.
    const sorted = [...news].toSorted(([one], [other]) => (one < other ? -1 : 1));
    try {
      await this.unitOfWork.write(async (tx) => {
        for (const [connectionId, { changes, counts }] of sorted) {
          await this.webhooks.save(tx, connectionId, changes);
          if (counts.length > 0) await this.counts.add(tx, connectionId, counts);
        }
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

/** The counts with others added to them; at most one entry for each outcome and hour. */
function added(
  known: News['counts'],
  hour: number,
  more: Readonly<Partial<Record<WebhookOutcome, number>>>,
): News['counts'] {
  const counts = new Map(known.map((one) => [`${String(one.hour)} ${one.outcome}`, one]));
  for (const [outcome, count] of Object.entries(more) as [WebhookOutcome, number][]) {
    const key = `${String(hour)} ${outcome}`;
    if (count > 0) counts.set(key, { hour, outcome, count: (counts.get(key)?.count ?? 0) + count });
  }
  return [...counts.values()];
}

/** The connection's webhook URL, without a query; undefined if `webhookBaseUrl` is not set. */
export function webhookUrl(
  { webhookBaseUrl }: Pick<ConnectionsModuleOptions, 'webhookBaseUrl'>,
  { vendor, id }: { readonly vendor: string; readonly id: string },
): string | undefined {
  return webhookBaseUrl === undefined ? undefined : `${webhookBaseUrl.replace(/\/+$/, '')}/${vendor}/${id}`;
}

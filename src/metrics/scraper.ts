import { sameSecret } from '@score-crm/adapter-kit';
import { ConsumersService, type FeedOverview, UnitOfWork, WebhookIngest } from '@score-crm/connections';
import { OpenStreams } from '@score-crm/connections-http';
import { Injectable } from '@nestjs/common';
import { bearerToken } from '../auth/bearer.guard.ts';
import { ServiceMetrics } from './service-metrics.ts';

/** How long a scrape waits for the database. Prometheus itself gives up after 10 seconds. */
const QUERY_MS = 2_000;

/** Reads the state of the process and of the feed when it is asked for it. */
@Injectable()
export class Scraper {
  private readonly queue = this.metrics.gauge(
    'ingest_queue',
    'Webhook requests, events and bytes that are not stored yet',
    'type',
  );
  private readonly laneSize = this.metrics.gauge('database_connections', 'Database connections of a lane', 'lane');
  private readonly laneUsed = this.metrics.gauge('database_connections_used', 'Database connections in use', 'lane');
  private readonly laneWaiting = this.metrics.gauge(
    'database_waiting',
    'Units of work that wait for a connection',
    'lane',
  );
  private readonly laneWaits = this.metrics.counter(
    'database_waits_total',
    'Units of work that had to wait for a connection',
    'lane',
  );
  private readonly laneRefusals = this.metrics.counter(
    'database_refusals_total',
    'Units of work that were rejected because too many were waiting',
    'lane',
  );
  private readonly openStreams = this.metrics.gauge('event_streams', 'Open streams of events');
  private readonly oldestWrite = this.metrics.gauge(
    'database_oldest_write_seconds',
    'How long the oldest write has been waiting for the database',
  );
  private readonly feedRead = this.metrics.gauge('feed_read', '1 if the state of the feed could be read, otherwise 0');
  private readonly pending = this.metrics.gauge(
    'feed_pending',
    'Stored entries that are not in the feed yet, at most 10,000',
  );
  private readonly lag = this.metrics.gauge(
    'feed_lag_entries',
    'Entries of the feed that a consumer has not read; of outgoing webhooks, the largest number',
    'type',
    'consumer',
  );
  private readonly consumers = this.metrics.gauge(
    'feed_consumers',
    'Consumers of the feed',
    'type',
    'consumer',
    'state',
  );
  private readonly deadLetters = this.metrics.gauge(
    'feed_dead_letters',
    'Events that a consumer could not process',
    'type',
    'consumer',
  );
  private reading: Promise<FeedOverview | undefined> | undefined;

  constructor(
    private readonly metrics: ServiceMetrics,
    private readonly unitOfWork: UnitOfWork,
    private readonly ingest: WebhookIngest,
    private readonly consumersService: ConsumersService,
    private readonly streams: OpenStreams,
  ) {}

  get contentType(): string {
    return this.metrics.registry.contentType;
  }

  /** All metrics in the text format of Prometheus. While the database is down, those of the feed are absent. */
  async scrape(): Promise<string> {
    this.readProcess();
    this.readFeed(await this.feed());
    return this.metrics.registry.metrics();
  }

  private readProcess(): void {
    for (const type of ['requests', 'events', 'bytes'] as const) this.queue.set({ type }, this.ingest.queue[type]);
    this.laneWaits.reset();
    this.laneRefusals.reset();
    for (const { lane, size, used, waiting, waits, refusals } of this.unitOfWork.lanes) {
      this.laneSize.set({ lane }, size);
      this.laneUsed.set({ lane }, used);
      this.laneWaiting.set({ lane }, waiting);
      this.laneWaits.inc({ lane }, waits);
      this.laneRefusals.inc({ lane }, refusals);
    }
    this.oldestWrite.set(this.unitOfWork.state.oldestWriteMs / 1_000);
    this.openStreams.set(this.streams.count);
  }

  /** Scrapes at the same time share a query. */
  private async feed(): Promise<FeedOverview | undefined> {
    this.reading ??= this.consumersService
      .overview(QUERY_MS)
      .catch(() => undefined)
      .finally(() => (this.reading = undefined));
    return this.reading;
  }

  private readFeed(overview: FeedOverview | undefined): void {
    this.pending.remove();
    for (const gauge of [this.lag, this.consumers, this.deadLetters]) gauge.reset();
    this.feedRead.set(overview === undefined ? 0 : 1);
    if (overview === undefined) return;
    this.pending.set(overview.pending);
    for (const { type, name: consumer, running, paused, failing, lag, deadLetters } of overview.consumers) {
      this.lag.set({ type, consumer }, lag);
      this.deadLetters.set({ type, consumer }, deadLetters);
      for (const [state, count] of Object.entries({ running, paused, failing })) {
        this.consumers.set({ type, consumer, state }, count);
      }
    }
  }
}

/** Whether the header `Authorization` has the token; every request has it if none is configured. */
export function hasMetricsToken(authorization: string | undefined, token: string | undefined): boolean {
  return token === undefined || sameSecret(bearerToken(authorization) ?? '', token);
}

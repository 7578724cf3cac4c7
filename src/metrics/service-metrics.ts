import { readFileSync } from 'node:fs';
import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import {
  type ConnectionsMetrics,
  type MeasuredCommit,
  type MeasuredSend,
  type MeasuredVerdict,
} from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * All labels of the service's own metrics. Each has few values, all of them from the code or from the configuration: a label per
 * organization, connection or address would create as many time series as there are of them.
 */
export const LABELS = [
  'consumer',
  'fault',
  'kind',
  'lane',
  'method',
  'node',
  'result',
  'route',
  'state',
  'status',
  'type',
  'vendor',
  'verdict',
  'version',
] as const;
type Label = (typeof LABELS)[number];

const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const VENDOR_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45];
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BATCH_EVENTS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const MS = 1_000;
const PACKAGE = new URL('../../package.json', import.meta.url);

/** The metrics of this process, as Prometheus reads them. */
@Injectable()
export class ServiceMetrics implements ConnectionsMetrics {
  readonly registry = new Registry();

  private readonly webhookRequests = this.counter('webhook_requests_total', 'Webhook requests', 'vendor', 'verdict');
  private readonly webhookEvents = this.histogram(
    'webhook_events',
    'Events of an accepted webhook request',
    BATCH_EVENTS,
  );
  private readonly events = this.counter('events_stored_total', 'New events that were stored', 'vendor', 'kind');
  private readonly duplicates = this.counter('event_duplicates_total', 'Events that were stored before', 'vendor');
  private readonly commitSeconds = this.histogram(
    'commit_seconds',
    'Time to store events in one transaction',
    COMMIT_SECONDS,
  );
  private readonly commitEvents = this.histogram('commit_events', 'Events of one transaction', BATCH_EVENTS);
  private readonly failedCommits = this.counter('commit_failures_total', 'Transactions with events that failed');
  private readonly messages = this.counter('messages_total', 'Messages sent', 'vendor', 'result', 'fault');
  private readonly messageSeconds = this.histogram(
    'message_seconds',
    'Time until the vendor accepted or refused a message',
    VENDOR_SECONDS,
    'vendor',
  );
  private readonly httpRequests = this.counter('http_requests_total', 'HTTP requests', 'route', 'method', 'status');
  private readonly httpSeconds = this.histogram(
    'http_seconds',
    'Duration of HTTP requests',
    HTTP_SECONDS,
    'route',
    'method',
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
    this.gauge('build_info', 'Always 1', 'version', 'node').set({ version, node: process.versions.node }, 1);
    this.failedCommits.inc(0);
  }

  webhookReceived(vendor: string, verdict: MeasuredVerdict, events?: number): void {
    this.webhookRequests.inc({ vendor, verdict });
    if (events !== undefined) this.webhookEvents.observe(events);
  }

  eventsStored(vendor: string, kind: EventKind, count: number): void {
    this.events.inc({ vendor, kind: EVENT_KINDS.includes(kind) ? kind : 'unknown' }, count);
  }

  duplicatesFound(vendor: string, count: number): void {
    this.duplicates.inc({ vendor }, count);
  }

  committed({ durationMs, events }: MeasuredCommit): void {
    this.commitSeconds.observe(durationMs / MS);
    this.commitEvents.observe(events);
  }

  commitFailed(): void {
    this.failedCommits.inc();
  }

  messageSent({ vendor, result, fault, durationMs }: MeasuredSend): void {
    this.messages.inc({ vendor, result, fault: fault ?? 'none' });
    this.messageSeconds.observe({ vendor }, durationMs / MS);
  }

  /** @param route the pattern of the route, never a path */
  requestEnded(route: string, method: string, status: number, durationMs: number): void {
    const known = METHODS.has(method) ? method : 'other';
    this.httpRequests.inc({ route, method: known, status });
    this.httpSeconds.observe({ route, method: known }, durationMs / MS);
  }

  gauge(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name: `score_${name}`, help, labelNames, registers: [this.registry] });
  }

  counter(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `score_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string, buckets: number[], ...labelNames: Label[]): Histogram<Label> {
    return new Histogram({ name: `score_${name}`, help, buckets, labelNames, registers: [this.registry] });
  }
}

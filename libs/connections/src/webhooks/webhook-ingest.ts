import { createHash } from 'node:crypto';
import type {
  ParsedEvent,
  WebhookHead,
  WebhookHeadVerdict,
  WebhookReceiver,
  WebhookRequest,
  WebhookVerdict,
} from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import {
  DatabaseOverloadedError,
  DatabaseUnavailableError,
  StatementTooLargeError,
} from '../database/database-errors.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import {
  compress,
  CONTENT_TYPE_LENGTH,
  EventBatchesRepository,
  REASON_LENGTH,
  storedRequest,
} from '../events/event-batches.repository.ts';
import { EventCutoffs } from '../events/event-cutoffs.repository.ts';
import { ErasedRecipients, withoutRecipients } from '../events/erasures.repository.ts';
import { batchRecords, type BatchRecords, cutText, messagesToLookUp } from '../events/event-record.ts';
import { EventWriter, type IncomingBatch, type QueueState, type Stored } from '../events/event-writer.ts';
import { EventsRepository } from '../events/events.repository.ts';
import { LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import {
  type ConnectionsModuleOptions,
  deletedConnectionRetentionMs,
  MODULE_OPTIONS_TOKEN,
  retentionOf,
  timeBefore,
} from '../options/connections.module-options.ts';
import { type ConnectionsMetrics, guardedMetrics, type MeasuredVerdict } from '../telemetry/connections-metrics.ts';
import { inSpan, SpanKind } from '../telemetry/tracing.ts';
import { type ExpectedSample, ExpectedSamples } from './expected-samples.ts';
import { UnauthenticatedSamples } from './unauthenticated-samples.ts';
import { WebhookStatusService } from './webhook-status.service.ts';
import {
  type UnauthenticatedReason,
  WebhookNotFoundError,
  WebhookRejectedError,
  WebhookTooLargeError,
  WebhookUnauthenticatedError,
} from './webhook.errors.ts';

/** The connection and adapter of a webhook URL. */
export interface Webhook {
  readonly connection: ConnectionRow;
  readonly receiver: WebhookReceiver;
}

/** A webhook request whose body may be read. */
export interface WebhookPreflight extends Webhook {
  /** Whether its head is enough to authenticate it. Otherwise the body is needed. */
  readonly isAuthenticated: boolean;
}

/** The events of a request. */
export interface ParsedRequest extends BatchRecords {
  /** Why the request is rejected. */
  readonly fault: string | undefined;
  /** The number of its items. */
  readonly items: number;
  /** As it may be stored: without addresses that were erased. */
  readonly body: Uint8Array;
}

interface Batch {
  readonly items: readonly ParsedEvent[];
  /** Why the delivery is rejected. */
  readonly fault: string | undefined;
}

/** How old the settings may be that a request is refused with. Forged requests cause a query only this often. */
const RENEWAL_MS = 100;
export const SHOWN_REJECTIONS = 20;
const MAX_PARAMETER_LENGTH = 200;

const DIGEST_BYTES = 16;

/** A delivery with rejected items, or rejected as a whole. */
interface RejectedDelivery {
  readonly connection: ConnectionRow;
  readonly digest: Buffer;
  readonly receivedAt: Date;
  /** How many of its items are events. */
  readonly events: number;
  readonly rejected: number;
}

/** Recognizes repeated rejected deliveries, so that each is stored once, with a counter. */
@Injectable()
export class RejectedDeliveries {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: EventBatchesRepository,
  ) {}

  /**
   * Counts a delivery that is stored already.
   * @returns `counted`; `new` if it is not stored; `changed` if it is, but an earlier version of its adapter rejected other
   *   items of it, so that its events may be new
   */
  async count({
    connection,
    digest,
    receivedAt,
    events,
    rejected,
  }: RejectedDelivery): Promise<'counted' | 'new' | 'changed'> {
    const turn = connection.organization;
    const options = { lane: 'ingest', turn } as const;
    const row = await this.unitOfWork.read((tx) => this.batches.findRejected(tx, connection.number, digest), options);
    if (row === null) return 'new';
    if (row.accepted + row.duplicates !== events || row.rejected !== rejected) return 'changed';
    await this.unitOfWork.write((tx) => this.batches.countAgain(tx, row.id, receivedAt), options);
    return 'counted';
  }
}

/** Receives webhook requests: authenticates them, parses them, and stores their events before it returns. */
@Injectable()
export class WebhookIngest {
  private readonly logger = new Logger(WebhookIngest.name);
  private readonly retentionMs: number;
  private readonly eventRetentionMs: number;
  private readonly metrics: ConnectionsMetrics;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: EventsRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly writer: EventWriter,
    private readonly statuses: WebhookStatusService,
    private readonly rejections: RejectedDeliveries,
    private readonly samples: UnauthenticatedSamples,
    private readonly erased: ErasedRecipients,
    private readonly cutoffs: EventCutoffs,
    private readonly expected: ExpectedSamples,
  ) {
    this.retentionMs = deletedConnectionRetentionMs(options);
    this.eventRetentionMs = retentionOf(options).eventsMs;
    this.metrics = guardedMetrics(options);
  }

  /** What is waiting to be stored, or is being stored. */
  get queue(): QueueState {
    return this.writer.queue;
  }

  /**
   * Finds the webhook of a URL. That of a deleted connection stays valid for a while: bounces and complaints arrive late.
   * @throws WebhookNotFoundError
   */
  async find(vendor: string, connectionId: string): Promise<Webhook> {
    const receiver = this.registry.find(vendor)?.adapter.webhooks;
    if (receiver === undefined) throw new WebhookNotFoundError();
    const connection = await this.loader.forWebhook(connectionId);
    if (connection?.vendor !== vendor || this.isOver(connection)) throw new WebhookNotFoundError();
    return { connection, receiver };
  }

  /**
   * Makes all checks that need no body. Call it before the body is read.
   * @param length the request's Content-Length
   * @throws WebhookNotFoundError, WebhookUnauthenticatedError, WebhookTooLargeError, SecretsUnreadableError,
   *   DatabaseUnavailableError
   */
  async preflight(
    vendor: string,
    connectionId: string,
    head: WebhookHead,
    length: number | undefined,
  ): Promise<WebhookPreflight> {
    try {
      return await this.check(vendor, connectionId, head, length);
    } catch (error) {
      const isKnown = this.registry.find(vendor) !== undefined;
      this.metrics.webhookReceived(isKnown ? vendor : 'unknown', verdictOf(error));
      throw error;
    }
  }

  private async check(
    vendor: string,
    connectionId: string,
    head: WebhookHead,
    length: number | undefined,
  ): Promise<WebhookPreflight> {
    const webhook = await this.find(vendor, connectionId);
    const { receiver } = webhook;
    const verdict = await this.verdictOn<WebhookHeadVerdict>(
      webhook,
      head,
      (settings) => receiver.authenticateHead(head, settings),
      ['verified', 'needs_body'],
    );
    const isAuthenticated = verdict === 'verified';
    if (!isAuthenticated && verdict !== 'needs_body') throw this.refusal(webhook, verdict, head);
    if (length !== undefined && length > receiver.bodyLimit) throw new WebhookTooLargeError(receiver.bodyLimit);
    return { ...webhook, isAuthenticated };
  }

  /**
   * Resolves after everything is stored.
   * @param authenticated is called as soon as the request is authenticated; an error that it throws rejects the request
   * @throws WebhookUnauthenticatedError, WebhookTooLargeError, WebhookRejectedError, SecretsUnreadableError,
   *   DatabaseUnavailableError
   */
  async receive(
    webhook: Webhook,
    request: WebhookRequest,
    authenticated: () => void = () => undefined,
  ): Promise<Stored> {
    const { vendor } = webhook.connection;
    const sample = this.expected.find(webhook.connection.id, request);
    const attributes = { 'score.vendor': vendor, 'score.bytes': request.body.length };
    return inSpan('webhook receipt', { kind: SpanKind.SERVER, attributes }, async (span) => {
      try {
        const stored = await this.process(webhook, request, sample, authenticated);
        if (sample === undefined) this.metrics.webhookReceived(vendor, 'accepted', stored.accepted + stored.duplicates);
        if (span.isRecording()) {
          const { accepted, duplicates } = stored;
          span.setAttributes({ 'score.verdict': 'accepted', 'score.events': accepted, 'score.duplicates': duplicates });
        }
        return stored;
      } catch (error) {
        const verdict = verdictOf(error);
        if (sample === undefined) this.metrics.webhookReceived(vendor, verdict);
        span.setAttribute('score.verdict', verdict);
        throw error;
      }
    });
  }

  private async process(
    { connection, receiver }: Webhook,
    request: WebhookRequest,
    sample: ExpectedSample | undefined,
    authenticated: () => void,
  ): Promise<Stored> {
    if (request.body.length > receiver.bodyLimit) throw new WebhookTooLargeError(receiver.bodyLimit);
    const verdict = await this.authenticate({ connection, receiver }, request);
    if (verdict !== 'verified') throw this.refusal({ connection, receiver }, verdict, request, request.body);
    authenticated();

    const contentType = contentTypeOf(request);
    const parameters = storedParameters(receiver, request);
    const receivedAt = new Date();
    const parsed = storedRequest(contentType, parameters, request.body);
    const webhook = { connection, receiver };
    const { events, eventCount, rejected, fault, body } = await this.parse(webhook, parsed, receivedAt, sample);
    const isRejected = fault !== undefined;
    const delivery =
      isRejected || rejected.length > 0
        ? {
            connection,
            digest: deliveryDigest(contentType, parameters, request.body),
            receivedAt,
            events: eventCount,
            rejected: rejected.length,
          }
        : undefined;
    const known = delivery === undefined ? 'new' : await this.rejections.count(delivery);
    const incoming = {
      status: isRejected ? ('rejected' as const) : ('accepted' as const),
      receivedAt,
      size: request.body.length,
      contentType,
      parameters,
      body: request.body.length === 0 || known === 'counted' ? null : await compress(body),
      rejected: rejected.length,
      rejections: rejected.length === 0 ? null : rejected.slice(0, SHOWN_REJECTIONS),
      reason: isRejected ? cutText(fault, REASON_LENGTH) : null,
      rejectedDigest: known === 'new' ? (delivery?.digest ?? null) : null,
    };
    const stored: Stored & { readonly batch?: number } =
      known === 'counted'
        ? { accepted: 0, duplicates: eventCount }
        : await this.store({ connection, source: incoming, events, eventCount }, delivery);
    if (!isRejected) {
      if (sample === undefined) this.statuses.received(connection.id, receivedAt, stored.accepted);
      return { accepted: stored.accepted, duplicates: stored.duplicates };
    }
    if (sample === undefined) this.statuses.rejected(connection.id, receivedAt);
    if (known === 'counted') throw new WebhookRejectedError();
    // Without the adapter's message, which may quote the body.
    this.logger.warn(
      `Rejected delivery ${String(stored.batch ?? '')} for the ${connection.vendor} connection ${connection.id}`,
    );
    throw new WebhookRejectedError();
  }

  /** The verdict with the current settings, or with secrets that were replaced lately. */
  async authenticate({ connection, receiver }: Webhook, request: WebhookRequest): Promise<WebhookVerdict> {
    return this.verdictOn<WebhookVerdict>(
      { connection, receiver },
      request,
      (settings) => receiver.authenticate(request, settings),
      ['verified'],
    );
  }

  /**
   * Parses an authenticated request as it is stored.
   * @param sample the sample that it belongs to: its events are those of a test
   */
  async parse(
    { connection, receiver }: Webhook,
    request: WebhookRequest,
    receivedAt: Date,
    sample?: ExpectedSample,
  ): Promise<ParsedRequest> {
    const given = read(receiver, request);
    const parsed = sample === undefined ? given : { ...given, items: given.items.map(asTest) };
    const redaction = await this.erased.redactionFor(connection.organization, parsed.items, request.body);
    const items = redaction === undefined ? parsed.items : withoutRecipients(parsed.items, redaction);
    const fault = parsed.fault && (redaction?.text(parsed.fault) ?? parsed.fault);
    const sentMessages = await this.sentAmong(items, connection);
    const expired = timeBefore(new Date(), this.eventRetentionMs);
    const notBefore = later(expired, await this.cutoffs.of(connection.organizationNumber));
    const records = batchRecords(items, { connection, receivedAt, sentMessages, notBefore });
    const body = redaction?.bytes(Buffer.from(request.body)) ?? request.body;
    return { ...records, fault, items: items.length, body };
  }

  private async store(
    batch: IncomingBatch,
    delivery: RejectedDelivery | undefined,
  ): Promise<Stored & { readonly batch?: number }> {
    try {
      return await this.writer.write(batch);
    } catch (error) {
      if (error instanceof StatementTooLargeError) throw new WebhookTooLargeError(error.limit);
      // A second query would only double the time that the vendor waits.
      if (error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError) throw error;
      // The same delivery may have been stored at the same time, here or by another instance.
      const isStored = delivery !== undefined && (await this.rejections.count(delivery)) === 'counted';
      if (!isStored) throw error;
      return { accepted: 0, duplicates: batch.eventCount };
    }
  }

  /** @param body undefined if it was not read */
  private refusal(
    { connection, receiver: { authentication } }: Webhook,
    reason: UnauthenticatedReason,
    head: WebhookHead,
    body?: Uint8Array,
  ): WebhookUnauthenticatedError {
    if (this.expected.find(connection.id, head) === undefined) {
      this.statuses.refused(connection.id, new Date(), reason);
      this.samples.note({ connection, authentication, reason, head, contentType: contentTypeOf(head), body });
    }
    return new WebhookUnauthenticatedError(reason);
  }

  /** The messages without metadata in their events that were sent through this connection. */
  private async sentAmong(items: readonly ParsedEvent[], { id, number }: ConnectionRow): Promise<ReadonlySet<string>> {
    const messages = messagesToLookUp(items);
    if (messages.length === 0) return new Set();
    return this.unitOfWork.read(
      async (tx) => {
        const sent = await this.events.findSent(tx, number, messages);
        const isComplete = sent.size === messages.length || (await this.legacy.isEmpty(tx));
        return isComplete ? sent : new Set([...sent, ...(await this.legacy.findSent(tx, id, messages))]);
      },
      { lane: 'ingest', turn: id },
    );
  }

  /**
   * The best verdict with any of the settings that count. Before a request is refused, they are read again, because another
   * instance may have changed them: a vendor that was given a new key may use it immediately.
   * @param accepted the verdicts with which the request continues, the best first
   */
  private async verdictOn<T extends WebhookHeadVerdict>(
    { connection }: Webhook,
    head: WebhookHead,
    check: (settings: object) => T | Promise<T>,
    accepted: readonly T[],
  ): Promise<T | 'not_configured'> {
    const sample = this.expected.find(connection.id, head);
    if (sample?.settings !== undefined) return bestVerdict([sample.settings], check, accepted);
    const verdict = await bestVerdict(await this.loader.webhookSettings(connection), check, accepted);
    if (accepted.includes(verdict as T)) return verdict;
    const renewed = await this.loader.forWebhook(connection.id, RENEWAL_MS);
    if (renewed === null || renewed === connection) return verdict;
    return bestVerdict(await this.loader.webhookSettings(renewed), check, accepted);
  }

  private isOver({ deletedAt }: ConnectionRow): boolean {
    return deletedAt !== null && deletedAt.getTime() + this.retentionMs < Date.now();
  }
}

/** What is measured of a request that was refused. */
function verdictOf(error: unknown): MeasuredVerdict {
  if (error instanceof WebhookUnauthenticatedError) return error.reason;
  if (error instanceof WebhookRejectedError) return 'rejected';
  if (error instanceof WebhookNotFoundError) return 'not_found';
  if (error instanceof WebhookTooLargeError) return 'too_large';
  return error instanceof DatabaseOverloadedError ? 'overloaded' : 'failed';
}

async function bestVerdict<T extends WebhookHeadVerdict>(
  candidates: readonly object[],
  check: (settings: object) => T | Promise<T>,
  accepted: readonly T[],
): Promise<T | 'not_configured'> {
  const verdicts: T[] = [];
  for (const settings of candidates) verdicts.push(await check(settings));
  return accepted.find((verdict) => verdicts.includes(verdict)) ?? verdicts[0] ?? 'not_configured';
}

function asTest(item: ParsedEvent): ParsedEvent {
  return item.ok ? { ...item, event: { ...item.event, test: true } } : item;
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** The items of a body, or why none of them can be read. */
function read(receiver: WebhookReceiver, request: WebhookRequest): Batch {
  try {
    const items = receiver.parse(request);
    const [first] = items;
    // At least one item of a vendor's request can be read. Another vendor's request can have the same outer form.
    const isStrange = first?.ok === false && items.every(({ ok }) => !ok);
    return { items, fault: isStrange ? first.reason : undefined };
  } catch (error) {
    // By name: an adapter with its own copy of the kit has another class.
    if (error instanceof Error && error.name === 'MalformedWebhookError') return { items: [], fault: error.message };
    throw error;
  }
}

function contentTypeOf({ headers }: WebhookHead): string | null {
  const type = headers['content-type'];
  return typeof type === 'string' ? cutText(type, CONTENT_TYPE_LENGTH) : null;
}

/** The digest of everything that is parsed of a delivery. */
function deliveryDigest(
  contentType: string | null,
  parameters: Readonly<Record<string, string>> | null,
  body: Uint8Array,
): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([contentType, parameters]))
    .update(body)
    .digest()
    .subarray(0, DIGEST_BYTES);
}

/** The query parameters that the raw form of a request needs; null if it needs none. The others may contain a secret. */
function storedParameters(
  { parameters = [] }: WebhookReceiver,
  { query }: WebhookRequest,
): Readonly<Record<string, string>> | null {
  const entries = parameters.flatMap((name) => {
    const value = Object.hasOwn(query, name) ? query[name] : undefined;
    return typeof value === 'string' ? [[name, cutText(value, MAX_PARAMETER_LENGTH)] as const] : [];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

import { createHash } from 'node:crypto';
import type { WebhookHead, WebhookReceiver } from '@score-crm/adapter-kit';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { runStatements } from '../database/insert-statement.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { BatchIds } from '../events/batch-ids.ts';
import { ErasedRecipients } from '../events/erasures.repository.ts';
import {
  compress,
  EventBatchesRepository,
  type NewBatch,
  type StoredHeaders,
} from '../events/event-batches.repository.ts';
import { ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';

/** How much of unauthenticated requests is stored. */
export const SAMPLES = { perConnection: 20, bodyBytes: 64 * 1024 } as const;

/** A request that was not authenticated. */
export interface UnauthenticatedRequest {
  readonly connection: ConnectionRow;
  readonly authentication: WebhookReceiver['authentication'];
  readonly reason: UnauthenticatedReason;
  readonly head: WebhookHead;
  readonly contentType: string | null;
  /** Undefined if it was refused before its body was read. */
  readonly body: Uint8Array | undefined;
}

interface Sample {
  readonly digest: Buffer;
  readonly receivedAt: Date;
  readonly size: number;
  readonly contentType: string | null;
  /** Undefined for one that is stored already. */
  body: Buffer | undefined;
  headers: StoredHeaders | null;
  reason: UnauthenticatedReason;
  lastReceivedAt: Date;
  occurrences: number;
}

/** What was received for one connection since the last write. */
interface Unwritten {
  readonly connection: ConnectionRow;
  readonly samples: Map<string, Sample>;
  count: number;
  /** Whether `samples` has one that may not be stored yet. */
  hasNew: boolean;
}

const FLUSH_MS = 1_000;
/** Of all bodies that wait to be written. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const KNOWN_CONNECTIONS = 1_000;
/** Larger headers than any vendor sends are not stored, in characters of JSON. */
const MAX_HEADERS = 8 * 1024;
/** Secrets of other systems. No adapter with a signature reads them. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
const DIGEST_BYTES = 16;

/**
 * Counts requests that were not authenticated, and stores samples of them. Anyone can send such requests, so nothing is
 * written for one of them: once a second, the counts are written, and for each connection at most one new sample.
 */
@Injectable()
export class UnauthenticatedSamples implements BeforeApplicationShutdown {
  private readonly logger = new Logger(UnauthenticatedSamples.name);
  /** The digests of stored samples, by connection. */
  private readonly known = new LRUCache<string, Set<string>>({ max: KNOWN_CONNECTIONS });
  private unwritten = new Map<string, Unwritten>();
  private waitingBytes = 0;
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly ids: BatchIds,
    private readonly batches: EventBatchesRepository,
    private readonly webhooks: ConnectionWebhooksRepository,
    private readonly erased: ErasedRecipients,
  ) {}

  note(request: UnauthenticatedRequest): void {
    const { connection } = request;
    const own = this.unwritten.get(connection.id) ?? { connection, samples: new Map(), count: 0, hasNew: false };
    this.unwritten.set(connection.id, own);
    own.count++;
    this.sample(own, request);
    if (this.isStopping) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, FLUSH_MS).unref();
  }

  /** Writes what has been noted. */
  async flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.flush();
  }

  private sample(own: Unwritten, request: UnauthenticatedRequest): void {
    const { connection, reason, contentType, body } = request;
    const digest = sampleDigest(request);
    const key = digest.toString('hex');
    const now = new Date();
    const again = own.samples.get(key);
    if (again !== undefined) {
      again.occurrences++;
      Object.assign(again, { lastReceivedAt: now, reason, headers: storedHeaders(request) });
      return;
    }
    const isKnown = this.known.get(connection.id)?.has(key) === true;
    const bytes = isKnown ? 0 : Math.min(body?.length ?? 0, SAMPLES.bodyBytes);
    if (!isKnown && (own.hasNew || this.waitingBytes + bytes > MAX_WAITING_BYTES)) return;
    own.hasNew ||= !isKnown;
    this.waitingBytes += bytes;
    own.samples.set(key, {
      digest,
      receivedAt: now,
      size: body?.length ?? 0,
      contentType,
      // A copy: a part would keep the whole body in memory.
      body: isKnown ? undefined : Buffer.from((body ?? Buffer.alloc(0)).subarray(0, SAMPLES.bodyBytes)),
      headers: storedHeaders(request),
      reason,
      lastReceivedAt: now,
      occurrences: 1,
    });
  }

  private async write(): Promise<void> {
    const noted = this.unwritten;
    this.unwritten = new Map();
    this.waitingBytes = 0;
    for (const own of noted.values()) {
      try {
        await this.store(own);
      } catch (error) {
        const { id } = own.connection;
        this.logger.warn(`Unauthenticated requests of connection ${id} could not be stored: ${safeMessage(error)}`);
        // A purged connection has nothing to count.
        const isCounted = error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError;
        if (isCounted && !this.isStopping) this.countLater(own);
      }
    }
  }

  private countLater({ connection, count }: Unwritten): void {
    const own = this.unwritten.get(connection.id) ?? { connection, samples: new Map(), count: 0, hasNew: false };
    own.count += count;
    this.unwritten.set(connection.id, own);
  }

  private async store({ connection, samples, count }: Unwritten): Promise<void> {
    const hasBody = [...samples.values()].some(({ body }) => body !== undefined);
    const { first } = hasBody ? await this.ids.take(1) : { first: 0 };
    const compressed = new Map<Sample, Buffer | null>();
    for (const sample of samples.values()) {
      await this.redact(connection, sample);
      if (sample.body !== undefined) {
        compressed.set(sample, sample.body.length === 0 ? null : await compress(sample.body));
      }
    }
    const { number } = connection;
    const stored = await this.unitOfWork.write(
      async (tx) => {
        // First, so that two instances store samples of a connection one after the other.
        await this.webhooks.countUnauthenticated(tx, connection.id, count);
        for (const sample of samples.values()) {
          const { digest, reason, headers, lastReceivedAt, occurrences } = sample;
          const repetition = { reason, headers, lastReceivedAt, occurrences };
          const isRepeated = await this.batches.repeatSample(tx, number, digest, repetition);
          const body = compressed.get(sample);
          if (isRepeated || body === undefined) continue;
          // A sample that was accepted when it was processed again keeps its digest.
          if ((await this.batches.findRejected(tx, number, digest)) !== null) continue;
          const row = rowOf(first, connection, sample);
          const limits = this.unitOfWork.statementLimits;
          await runStatements(tx, this.batches.inserts(tx.connection, [{ row, body }], limits), limits);
        }
        return this.batches.trimSamples(tx, number, SAMPLES.perConnection);
      },
      { turn: connection.organization },
    );
    this.known.set(connection.id, new Set(stored.map((digest) => digest.toString('hex'))));
  }

  /** Removes addresses that were erased. The headers are then of no use, and may contain the address, too. */
  private async redact({ organization }: ConnectionRow, sample: Sample): Promise<void> {
    const { body = Buffer.alloc(0), headers } = sample;
    const texts = Buffer.concat([body, Buffer.from(`\n${JSON.stringify(headers)}`)]);
    const redaction = await this.erased.redactionFor(organization, [], texts);
    if (redaction === undefined) return;
    sample.headers = null;
    if (sample.body !== undefined) sample.body = redaction.bytes(sample.body);
  }
}

function rowOf(id: number, connection: ConnectionRow, sample: Sample): NewBatch {
  const { digest, receivedAt, size, contentType, headers, reason, lastReceivedAt, occurrences } = sample;
  return {
    id,
    connection: connection.number,
    organization: connection.organizationNumber,
    status: 'unauthenticated',
    receivedAt,
    durationMs: 0,
    size,
    contentType,
    parameters: null,
    headers,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    rejections: null,
    reason,
    rejectedDigest: digest,
    occurrences,
    lastReceivedAt: occurrences === 1 ? null : lastReceivedAt,
  };
}

/** Never equal to the digest of a rejected delivery. Requests without a body differ by their verdict. */
function sampleDigest({ reason, contentType, body }: UnauthenticatedRequest): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['unauthenticated', body === undefined ? reason : [contentType, body.length]]))
    .update(body?.subarray(0, SAMPLES.bodyBytes) ?? '')
    .digest()
    .subarray(0, DIGEST_BYTES);
}

/** Null if they may contain a secret, or if the body is not stored, so that they are of no use. */
function storedHeaders({ authentication, head, body }: UnauthenticatedRequest): StoredHeaders | null {
  if (authentication === 'shared-secret' || body === undefined || body.length > SAMPLES.bodyBytes) return null;
  const entries = Object.entries(head.headers).filter(([name]) => !SECRET_HEADERS.has(name));
  const headers = Object.fromEntries(entries) as StoredHeaders;
  return JSON.stringify(headers).length > MAX_HEADERS ? null : headers;
}

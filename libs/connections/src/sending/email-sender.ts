import { type EmailMessage, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Caller } from '../audit/caller.ts';
import { defaultSender } from '../connections/senders.ts';
import {
  ConnectionDisabledError,
  ConnectionLoader,
  ConnectionNotFoundError,
} from '../connections/connection-loader.ts';
import { RunningWork } from '../database/unit-of-work.ts';
import { inSpan, type Span } from '../telemetry/tracing.ts';
import { type BatchMessageInput, messageBytes, readKey } from './batch-input.ts';
import { ConnectionLimits, type Patience } from './connection-limits.ts';
import { HandOver } from './hand-over.ts';
import { chunksOf, inOrder, Places } from './in-order.ts';
import { JointHandOver, type JointWay } from './joint-hand-over.ts';
import { KeyedMessages } from './keyed-messages.ts';
import { withIds } from './message-ids.ts';
import { type MessageInput, readMessage, withReplyTo } from './message-input.ts';
import { SendingLimitExceededError } from './send-errors.ts';
import { asTest, droppedResult, SendingModes } from './sending-modes.ts';
import { SentEvents } from './sent-events.ts';
import { SuppressedRecipients } from './suppressed-recipients.ts';

export interface SendOptions {
  /**
   * Of several calls with the same key, one sends the message, and the others return its result for 24 hours: 1 to 255 visible
   * ASCII characters, unique within the connection.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface SentMessage extends SendResult {
  /** This is the result of an earlier call with the same idempotency key. */
  readonly replayed?: true;
}

export interface SendBatchOptions {
  /** After it, no message is started; those that were are finished, and have outcomes. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many calls to the vendor are made at the same time, 1 to 100; 10 by default, and never more than the limit of the
   * connection. A call sends one message, or as many as the vendor accepts together.
   */
  readonly concurrency?: number | undefined;
}

/** What became of a message of a batch. */
export type BatchOutcome = { readonly index: number } & (
  | { readonly ok: true; readonly result: SentMessage }
  /** One of the errors of `send`. */
  | { readonly ok: false; readonly error: Error }
);

interface Chunk {
  readonly chunk: readonly BatchMessageInput[];
  /** The index of its first message. */
  readonly first: number;
  readonly signal: AbortSignal | undefined;
  /** Of the messages that share no call. */
  readonly places: Places;
}

interface MessageOptions extends SendOptions {
  /** Of a message that may wait for the limits of the connection. */
  readonly patience?: Patience;
  /** Of a message that is handed over together with others. */
  readonly way?: Pick<JointWay, 'send'>;
}

const BATCH = { concurrency: 10, most: 100, bytes: 64 * 1024 * 1024 } as const;
/** Messages whose keys and events are stored at the same time: all must fit into the queues of the database. */
const IN_PROGRESS = { together: 500, all: 1_000 } as const;
/** When a place of a batch may be free again: nothing says when a call ends. */
const ALONE_RETRY_MS = 1_000;
/** Of a chunk, so that several are sent at the same time. */
const CHUNK_BYTES = BATCH.bytes / 4;

/** Sends messages through connections, and keeps what became of each recipient as events. */
@Injectable()
export class EmailSender {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly keyed: KeyedMessages,
    private readonly suppressed: SuppressedRecipients,
    private readonly modes: SendingModes,
    private readonly limits: ConnectionLimits,
    private readonly handOver: HandOver,
    private readonly events: SentEvents,
    private readonly work: RunningWork,
  ) {}

  /**
   * Hands a message over to the connection's vendor, for the recipients that are not suppressed. It never sends twice by itself.
   * @param input validated here, from any source
   * @returns the vendor's id, which the events of the message will carry; some recipients may have been rejected
   * @throws SendFailedError if no recipient was accepted; RecipientSuppressedError, SendingLimitExceededError, LimitsUnavailableError,
   *   ConnectionNotFoundError, ConnectionDisabledError, SendingModeUnknownError, InvalidInputError, SecretsUnreadableError, UnknownVendorError,
   *   DatabaseUnavailableError before anything was sent; with an idempotency key also IdempotencyKeyReusedError,
   *   RequestInProgressError, OutcomeUnknownError
   */
  async send(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    options: SendOptions = {},
  ): Promise<SentMessage> {
    return this.sendWith(caller, connectionId, input, options);
  }

  /**
   * Sends many messages through one connection, as `send` does, and yields their outcomes in the order of the messages. The next
   * message is read only when there is room for it: the memory does not depend on their number. Messages wait for the limits of
   * the connection, except for that of a day.
   *
   * After the outcomes of the messages that were started, it throws the error of the source, or the reason of the signal. A caller
   * that stops reading stops the batch; messages that were started are still sent. If the connection was deleted, messages with the keys of
   * earlier ones have their results, and the others ConnectionNotFoundError.
   * @throws RangeError; ConnectionNotFoundError, SecretsUnreadableError, UnknownVendorError, DatabaseUnavailableError before anything was sent
   */
  async *sendBatch(
    caller: Caller,
    connectionId: string,
    messages: Iterable<BatchMessageInput> | AsyncIterable<BatchMessageInput>,
    { signal, concurrency = BATCH.concurrency }: SendBatchOptions = {},
  ): AsyncGenerator<BatchOutcome, undefined> {
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > BATCH.most) {
      throw new RangeError(`The concurrency must be a whole number from 1 to ${String(BATCH.most)}.`);
    }
    const { row, adapter } = await this.loader.forSending(caller.organization, connectionId, {
      maxAgeMs: 0,
      withDeleted: true,
    });
    const { perSecond = Infinity, perMinute = Infinity, concurrency: ownConcurrency = Infinity } = row.limits ?? {};
    // Vendors do not accept several messages to one address in one call.
    const maxBatch = this.modes.isLive(row) ? (adapter.capabilities.maxBatch ?? 1) : 1;
    // More would be sent at one moment than the limits allow.
    const together = Math.min(maxBatch, IN_PROGRESS.together, perSecond, perMinute);
    const parallel = Math.min(concurrency, ownConcurrency, Math.floor(IN_PROGRESS.all / together));
    const chunks = chunksOf(messages, { items: together, bytes: CHUNK_BYTES, sizeOf: messageBytes });
    const places = new Places(Math.min(concurrency, ownConcurrency));
    let first = 0;
    const send = (chunk: readonly BatchMessageInput[]): Promise<readonly BatchOutcome[]> => {
      const begun = first;
      first += chunk.length;
      return this.sendChunk(caller, connectionId, { chunk, first: begun, signal, places });
    };
    const outcomes = inOrder(chunks, send, {
      concurrency: parallel,
      items: together === 1 ? parallel * 4 : parallel + 1,
      bytes: BATCH.bytes,
      sizeOf: (chunk) => chunk.reduce((sum, message) => sum + messageBytes(message), 0),
      signal,
    });
    for await (const some of outcomes) yield* some;
  }

  /** Sends messages that are handed over together. It never rejects. */
  private async sendChunk(
    caller: Caller,
    connectionId: string,
    { chunk, first, signal, places }: Chunk,
  ): Promise<readonly BatchOutcome[]> {
    const patience = { signal };
    const alone = await this.aloneIn(chunk, caller, connectionId);
    const joint = new JointHandOver(this.handOver, chunk.length - alone.size, patience);
    const sendOne = async (input: BatchMessageInput, position: number, way?: JointWay): Promise<BatchOutcome> => {
      const index = first + position;
      try {
        const { message, idempotencyKey } = readKey(input);
        const own = way === undefined ? { patience } : { patience: { ...patience, onLongWait: way.leave }, way };
        return {
          index,
          ok: true,
          result: await this.sendWith(caller, connectionId, message, { idempotencyKey, ...own }),
        };
      } catch (error) {
        return { index, ok: false, error: error as Error };
      } finally {
        way?.leave();
      }
    };
    const sendAlone = async (input: BatchMessageInput, position: number): Promise<BatchOutcome> => {
      if (signal?.aborted !== true) return sendOne(input, position);
      const error = new SendingLimitExceededError('concurrency', places.total, ALONE_RETRY_MS);
      return { index: first + position, ok: false, error };
    };
    return Promise.all(
      chunk.map((input, position) =>
        alone.has(position) ? places.use(() => sendAlone(input, position)) : sendOne(input, position, joint.join()),
      ),
    );
  }

  /**
   * The positions of messages that share no call with another one of the chunk. Each takes a place before anything is done for it:
   * if the process is lost, the messages that wait have certainly not been sent.
   */
  private async aloneIn(
    chunk: readonly BatchMessageInput[],
    caller: Caller,
    connectionId: string,
  ): Promise<ReadonlySet<number>> {
    const positions = new Map<string, number[]>();
    if (chunk.length === 1) return new Set();
    const connection = await this.loader.forSending(caller.organization, connectionId).catch(() => undefined);
    if (connection?.adapter.batchKey === undefined) return new Set();
    const { row, adapter } = connection;
    const ids = { connectionId: row.id, messageId: row.id };
    for (const [position, input] of chunk.entries()) {
      try {
        const message = readMessage(readKey(input).message, defaultSender(row), row.allowedSenderDomains);
        const key = adapter.batchKey?.(withIds(withReplyTo(message, row), ids, adapter.capabilities)) ?? '';
        const same = positions.get(key);
        if (same === undefined) positions.set(key, [position]);
        else same.push(position);
      } catch {
        // It is not valid, which is its outcome.
      }
    }
    return new Set([...positions.values()].filter(({ length }) => length === 1).flat());
  }

  private sendWith(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    options: MessageOptions,
  ): Promise<SentMessage> {
    return this.work.track(
      inSpan('message send', {}, async (span) => {
        const { patience, ...once } = options;
        if (once.idempotencyKey === undefined) return this.sendTracked(caller, connectionId, input, options, span);
        for (;;) {
          try {
            return await this.sendTracked(caller, connectionId, input, once, span);
          } catch (error) {
            if (!(error instanceof SendingLimitExceededError)) throw error;
            // While it waits, it has no key: if its instance is lost then, the message has certainly not been sent.
            await this.limits.waitOrThrow(error, error.retryAfterMs, patience);
          }
        }
      }),
    );
  }

  /** The steps of a message, each in a file of its own. */
  private async sendTracked(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    { idempotencyKey: key, patience, way = this.handOver }: MessageOptions,
    span: Pick<Span, 'setAttribute'>,
  ): Promise<SentMessage> {
    // A message that was sent before the connection was deleted has its result.
    const connection = await this.loader.forSending(caller.organization, connectionId, {
      withDeleted: key !== undefined,
    });
    const { row, adapter } = connection;
    span.setAttribute('score.vendor', row.vendor);
    const sender = defaultSender(row);
    const message = readMessage(input, sender, row.allowedSenderDomains);
    const ids = { connectionId: row.id, messageId: uuid() };
    if (key !== undefined) {
      const keyed = { key, message, namesSender: message.from !== sender, ids };
      const earlier = await this.keyed.begin(caller, row, keyed);
      if (earlier !== undefined) return { ...earlier, replayed: true };
    }
    let result: SendResult;
    let recorded: EmailMessage = message;
    try {
      // Not earlier: a message that was sent before has its result.
      if (row.deletedAt !== null) throw new ConnectionNotFoundError();
      if (row.disabledAt !== null) throw new ConnectionDisabledError();
      const { allowed, suppressed } = await this.suppressed.remove(row, withReplyTo(message, row));
      const outgoing = this.modes.apply(row, withIds(allowed, ids, adapter.capabilities), adapter.capabilities);
      let sent: SendResult;
      if (outgoing === undefined) {
        sent = droppedResult(allowed, ids);
        recorded = asTest(message);
      } else {
        const emails = recipientsOf(outgoing).length;
        // The mode may have changed since the batch began, and redirected messages all go to one address.
        const handOver = (): Promise<SendResult> =>
          this.modes.isLive(row) ? way.send(connection, outgoing) : this.handOver.send(connection, outgoing, patience);
        sent = await this.limits.within(row, emails, handOver, patience);
      }
      result = { ...sent, rejected: [...sent.rejected, ...suppressed] };
    } catch (error) {
      if (key !== undefined) await this.keyed.fail(row, ids, error);
      throw error;
    }
    const ending = key === undefined ? undefined : await this.keyed.ending(ids, message, result);
    await this.events.record(row, recorded, result, ids, ending);
    return result;
  }
}

import { hash } from 'node:crypto';
import { type AdapterErrorDetails, type EmailMessage, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../audit/caller.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { DatabaseUnavailableError } from '../database/database-errors.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { compress, decompress } from '../events/event-batches.repository.ts';
import { EventsService } from '../events/events.service.ts';
import { EventWriter } from '../events/event-writer.ts';
import { attemptId, fingerprintOf, IdempotencyKeys } from '../idempotency/idempotency-keys.ts';
import type { AttemptEnding } from '../idempotency/idempotency-keys.repository.ts';
import { MESSAGE_ID_METADATA, type MessageIds } from './message-ids.ts';
import { OutcomeUnknownError, SendFailedError } from './send-errors.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** A message that is sent with an idempotency key. */
export interface KeyedMessage {
  readonly key: string;
  readonly message: EmailMessage;
  /** Whether the message names its sender. The connection's default may change between two requests. */
  readonly namesSender: boolean;
  readonly ids: MessageIds;
}

/** Sends each message with an idempotency key once: docs/adr/0020-idempotency-keys.md. */
@Injectable()
export class KeyedMessages {
  private readonly logger = new Logger(KeyedMessages.name);

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly events: EventsService,
    private readonly writer: EventWriter,
    private readonly unstored: UnstoredEvents,
  ) {}

  /**
   * Reserves the key of a message before it is sent.
   * @returns the result of the earlier message with this key; undefined if there is none, and the message may be sent
   * @throws OutcomeUnknownError, IdempotencyKeyReusedError, RequestInProgressError, InvalidQueryError,
   *   DatabaseUnavailableError, DatabaseOverloadedError
   */
  async begin(caller: Caller, row: ConnectionRow, keyed: KeyedMessage): Promise<SendResult | undefined> {
    const { key, message, ids } = keyed;
    const { organization, id: scope } = row;
    const request = { organization, scope, key, fingerprint: messageFingerprint(keyed), id: ids.messageId };
    const earlier = await this.keys.reserve(request).catch((error: unknown) => {
      // The commit may have succeeded.
      if (error instanceof DatabaseUnavailableError) this.endLater(row, released(ids), error);
      throw error;
    });
    if (earlier === undefined) return undefined;
    if (earlier.result !== null) return decodeResult(earlier.result, message);
    return this.resultByEvents(caller, row, message, earlier.id);
  }

  /** What ends the attempt of a message that was sent, for the commit of its events. */
  async ending({ messageId }: MessageIds, message: EmailMessage, result: SendResult): Promise<AttemptEnding> {
    return { attempt: attemptId(messageId), outcome: 'done', result: await encodeResult(result, message) };
  }

  /** Releases the key of a message that failed, unless the message may have been sent. It never fails itself. */
  async fail(row: ConnectionRow, ids: MessageIds, error: unknown): Promise<void> {
    // After an error that is not known, nothing is certain.
    const isUnsent = error instanceof SendFailedError ? !error.mayBeSent : error instanceof ConnectionsError;
    const ending = isUnsent ? released(ids) : ({ ...released(ids), outcome: 'unknown' } as const);
    // While the database does not respond, the caller need not wait for it once more.
    if (error instanceof DatabaseUnavailableError) this.endLater(row, ending, error);
    else await this.end(row, ending).catch((failure: unknown) => this.endLater(row, ending, failure));
  }

  private async end(connection: ConnectionRow, ending: AttemptEnding): Promise<void> {
    await this.writer.write({ ...NO_EVENTS, connection, ending });
  }

  private endLater(connection: ConnectionRow, ending: AttemptEnding, error: unknown): void {
    const what = `The end (${ending.outcome}) of attempt ${ending.attempt} of an idempotency key of connection ${connection.id}`;
    const isKept = this.unstored.add({ batch: { ...NO_EVENTS, connection, ending }, what }, error);
    this.logger.error(`${what} could not be stored${isKept ? ' yet' : ''}: ${safeMessage(error)}`);
  }

  /**
   * If an event of the message has arrived, the vendor has accepted it.
   * @param id that of the earlier message
   * @throws OutcomeUnknownError
   */
  private async resultByEvents(
    caller: Caller,
    row: ConnectionRow,
    message: EmailMessage,
    id: string,
  ): Promise<SendResult> {
    const recipients = recipientsOf(message);
    const since = new Date(timeOf(id) - CLOCKS_MS);
    for (const recipient of new Set(recipients.slice(0, SEARCHED.recipients))) {
      const query = { recipient, from: since, order: 'asc', limit: SEARCHED.events } as const;
      const { data } = await this.events.listOf(caller, row, query);
      const event = data.find(({ metadata }) => metadata[MESSAGE_ID_METADATA] === id);
      if (event === undefined) continue;
      const result = { messageId: event.messageId ?? id, accepted: recipients, rejected: [] };
      const ending = await this.ending({ connectionId: row.id, messageId: id }, message, result);
      await this.end(row, ending);
      return result;
    }
    throw new OutcomeUnknownError();
  }
}

const NO_EVENTS = { source: [], events: [], eventCount: 0 } as const;
/** How far the clocks of instances may differ. */
const CLOCKS_MS = 60_000;
/** How many recipients of a message are searched for, and how many events of each are read. */
const SEARCHED = { recipients: 10, events: 100 } as const;

function released({ messageId }: MessageIds): AttemptEnding {
  return { attempt: attemptId(messageId), outcome: 'released' };
}

/** When an id of version 7 was made. */
function timeOf(id: string): number {
  return Number.parseInt(attemptId(id).slice(0, 12), 16);
}

function messageFingerprint({ message, namesSender }: KeyedMessage): string {
  const { from, attachments, ...rest } = message;
  return fingerprintOf({
    ...rest,
    ...(namesSender ? { from } : {}),
    ...(attachments === undefined
      ? {}
      : { attachments: attachments.map(({ content, ...own }) => ({ ...own, content: hash('sha256', content) })) }),
  });
}

/** A recipient by its position in the message: an address that is erased must not remain here. */
type StoredRecipient = number | string;

/** A result as it is stored. A repeated request contains the addresses again. */
interface StoredResult {
  readonly messageId: string;
  /** Absent if all recipients were accepted. */
  readonly accepted?: readonly StoredRecipient[];
  readonly rejected?: readonly { readonly recipient: StoredRecipient; readonly error: AdapterErrorDetails }[];
}

const COMPRESSED = Buffer.of(0);
const LARGE_RESULT = 4 * 1024;

async function encodeResult({ messageId, accepted, rejected }: SendResult, message: EmailMessage): Promise<Buffer> {
  const recipients = recipientsOf(message);
  const positions = new Map(recipients.map((email, position) => [email, position]));
  const stored = (recipient: string): StoredRecipient => positions.get(recipient) ?? recipient;
  const isWhole = accepted.length === recipients.length && accepted.every((email, at) => email === recipients[at]);
  const result: StoredResult = {
    messageId,
    ...(isWhole ? {} : { accepted: accepted.map(stored) }),
    ...(rejected.length === 0
      ? {}
      : { rejected: rejected.map(({ recipient, error }) => ({ recipient: stored(recipient), error })) }),
  };
  const bytes = Buffer.from(JSON.stringify(result));
  return bytes.length < LARGE_RESULT ? bytes : Buffer.concat([COMPRESSED, await compress(bytes)]);
}

async function decodeResult(bytes: Buffer, message: EmailMessage): Promise<SendResult> {
  const text = bytes[0] === COMPRESSED[0] ? await decompress(bytes.subarray(1)) : bytes;
  const { messageId, accepted, rejected = [] } = JSON.parse(text.toString()) as StoredResult;
  const recipients = recipientsOf(message);
  const email = (stored: StoredRecipient): string => (typeof stored === 'number' ? (recipients[stored] ?? '') : stored);
  return {
    messageId,
    accepted: accepted?.map(email) ?? recipients,
    rejected: rejected.map(({ recipient, error }) => ({ recipient: email(recipient), error })),
  };
}

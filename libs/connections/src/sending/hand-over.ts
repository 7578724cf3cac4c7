import {
  type AdapterErrorDetails,
  type BatchResult,
  createScrubber,
  type EmailMessage,
  type Scrubber,
  type SendResult,
  withCredentialHint,
} from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  reportedDetails,
  scrubbedDetails,
  scrubbedDetailsList,
  unexpectedFailure,
  withTimeout,
} from '../adapters/adapter.registry.ts';
import { ConnectionLoader, type ResolvedConnection } from '../connections/connection-loader.ts';
import { safeMessage } from '../errors/safe-message.ts';
import {
  type ConnectionsModuleOptions,
  DEFAULT_SEND_TIMEOUT_MS,
  MODULE_OPTIONS_TOKEN,
} from '../options/connections.module-options.ts';
import { type ConnectionsMetrics, guardedMetrics } from '../telemetry/connections-metrics.ts';
import { ConnectionLimits, type Patience } from './connection-limits.ts';
import { SendFailedError } from './send-errors.ts';

/** A connection that was read longer ago is read again when the vendor rejects its credentials, in milliseconds. */
const REREAD_AFTER_MS = 100;
const INTERNAL_ERROR =
  'Sending failed because of an internal error. The message may have been sent: see the service log before you try again.';

/** Hands messages over to the vendors, once each and within a time limit. */
@Injectable()
export class HandOver {
  private readonly logger = new Logger(HandOver.name);
  private readonly timeoutMs: number;
  private readonly metrics: ConnectionsMetrics;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly limits: ConnectionLimits,
    private readonly loader: ConnectionLoader,
  ) {
    this.timeoutMs = options.sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS;
    this.metrics = guardedMetrics(options);
  }

  /** @returns the vendor's result without secrets. @throws SendFailedError, SendingLimitExceededError, LimitsUnavailableError */
  async send(connection: ResolvedConnection, message: EmailMessage, patience?: Patience): Promise<SendResult> {
    return this.limits.inPlace(connection.row, this.timeoutMs, () => this.call(connection, message), patience);
  }

  /**
   * Hands several messages over with `sendBatch` of the adapter.
   * @returns what became of each message, in their order
   * @throws SendingLimitExceededError, LimitsUnavailableError
   */
  async sendTogether(
    connection: ResolvedConnection,
    messages: readonly EmailMessage[],
    patience: Patience,
  ): Promise<readonly (SendResult | SendFailedError)[]> {
    const call = (): Promise<readonly (SendResult | SendFailedError)[]> => this.callTogether(connection, messages);
    return this.limits.inPlace(connection.row, this.timeoutMs, call, patience);
  }

  private async call(connection: ResolvedConnection, message: EmailMessage): Promise<SendResult> {
    const { adapter, identity, settings, poolKey } = connection;
    const begun = performance.now();
    try {
      const answer = await withTimeout(identity.vendor, this.timeoutMs, (signal) =>
        adapter.send(message, settings, { signal, poolKey }),
      );
      return this.accepted(connection, answer, begun);
    } catch (error) {
      const changed = isLoginRejected(reportedDetails(error)) ? await this.changed(connection) : undefined;
      if (changed !== undefined) return this.call(changed, message);
      throw this.failed(connection, this.detailsOf(connection, error), begun);
    }
  }

  private async callTogether(
    connection: ResolvedConnection,
    messages: readonly EmailMessage[],
  ): Promise<readonly (SendResult | SendFailedError)[]> {
    const begun = performance.now();
    const answers = await this.answersTo(connection, messages);
    const areRejected = answers.every((answer) => 'error' in answer && isLoginRejected(answer.error));
    const changed = areRejected ? await this.changed(connection) : undefined;
    if (changed !== undefined) return this.callTogether(changed, messages);
    return answers.map((answer) => {
      if ('error' in answer) return this.failed(connection, answer.error, begun);
      try {
        return this.accepted(connection, answer.result, begun);
      } catch (error) {
        return this.failed(connection, this.detailsOf(connection, error), begun);
      }
    });
  }

  /** If the call fails as a whole, that is the answer to each message. */
  private async answersTo(
    connection: ResolvedConnection,
    messages: readonly EmailMessage[],
  ): Promise<readonly BatchResult[]> {
    const { adapter, identity, settings, poolKey } = connection;
    try {
      const answers = await withTimeout(
        identity.vendor,
        this.timeoutMs,
        async (signal) => adapter.sendBatch?.(messages, settings, { signal, poolKey }) ?? [],
      );
      if (answers.length === messages.length) return answers;
      throw new TypeError('The adapter did not return a result for each message.');
    } catch (error) {
      const details = this.detailsOf(connection, error);
      return messages.map(() => ({ error: details }));
    }
  }

  /** @throws TypeError */
  private accepted(connection: ResolvedConnection, answer: unknown, begun: number): SendResult {
    const durationMs = performance.now() - begun;
    const sent = readSendResult(answer, scrubberOf(connection));
    const result = sent.rejected.length === 0 ? 'accepted' : 'partly_accepted';
    this.metrics.messageSent({ vendor: connection.identity.vendor, result, fault: undefined, durationMs });
    return sent;
  }

  private failed(connection: ResolvedConnection, reported: AdapterErrorDetails, begun: number): SendFailedError {
    const details = withCredentialHint(reported, connection.settings);
    const { vendor } = connection.identity;
    const durationMs = performance.now() - begun;
    this.metrics.messageSent({ vendor, result: 'failed', fault: details.fault, durationMs });
    return new SendFailedError(scrubbedDetails(details, scrubberOf(connection)));
  }

  private detailsOf(connection: ResolvedConnection, error: unknown): AdapterErrorDetails {
    const reported = reportedDetails(error);
    if (reported !== undefined) return reported;
    const { vendor } = connection.identity;
    this.logger.error(scrubberOf(connection)(`Sending through ${vendor} failed unexpectedly: ${safeMessage(error)}`));
    return unexpectedFailure('message', INTERNAL_ERROR);
  }

  /**
   * The connection as it is now, if another instance has changed it: nothing was sent with the credentials that were rejected.
   * @returns undefined if it is the same, or cannot be used
   */
  private async changed({ row }: ResolvedConnection): Promise<ResolvedConnection | undefined> {
    try {
      const current = await this.loader.forSending(row.organization, row.id, { maxAgeMs: REREAD_AFTER_MS });
      const { version, disabledAt, mode, redirectTo } = current.row;
      if (version === row.version || disabledAt !== null) return undefined;
      // The message was prepared for the earlier mode: it could reach its own recipients in spite of the new one.
      return mode === row.mode && redirectTo === row.redirectTo ? current : undefined;
    } catch {
      // What the vendor has reported says more.
      return undefined;
    }
  }
}

function isLoginRejected(details: AdapterErrorDetails | undefined): boolean {
  return details?.stage === 'authenticate';
}

/** Made when there is something to scrub: most messages are accepted. */
function scrubberOf({ secrets }: ResolvedConnection): Scrubber {
  return (value) => createScrubber(Object.values(secrets))(value);
}

/**
 * Returns the result of an adapter as plain data, without secrets in the replies of servers. Addresses and the id are not
 * scrubbed: a short secret may be a part of them by chance.
 * @throws TypeError if it is not a result
 */
function readSendResult(answer: unknown, scrub: Scrubber): SendResult {
  const { messageId, accepted, rejected } = (answer ?? {}) as Partial<SendResult>;
  if (typeof messageId !== 'string' || !Array.isArray(accepted) || !Array.isArray(rejected)) {
    throw new TypeError('The adapter did not return a result of sending.');
  }
  const refusals = rejected as SendResult['rejected'];
  const details = refusals.map(({ error }) => error);
  const errors = details.length === 0 ? [] : scrubbedDetailsList(details, scrub);
  return {
    messageId,
    accepted: (accepted as unknown[]).map(String),
    rejected: errors.map((error, index) => ({ recipient: refusals[index]?.recipient ?? '', error })),
  };
}

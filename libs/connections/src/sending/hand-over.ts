import {
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

  private async call(connection: ResolvedConnection, message: EmailMessage): Promise<SendResult> {
    const { adapter, identity, settings, secrets, poolKey } = connection;
    // Made when there is something to scrub: most messages are accepted.
    const scrub: Scrubber = (value) => createScrubber(Object.values(secrets))(value);
    const { vendor } = identity;
    const begun = performance.now();
    try {
      const answer = await withTimeout(vendor, this.timeoutMs, (signal) =>
        adapter.send(message, settings, { signal, poolKey }),
      );
      const durationMs = performance.now() - begun;
      const sent = readSendResult(answer, scrub);
      const result = sent.rejected.length === 0 ? 'accepted' : 'partly_accepted';
      this.metrics.messageSent({ vendor, result, fault: undefined, durationMs });
      return sent;
    } catch (error) {
      const reported = reportedDetails(error);
      const changed = reported?.stage === 'authenticate' ? await this.changed(connection) : undefined;
      if (changed !== undefined) return this.call(changed, message);
      if (reported === undefined)
        this.logger.error(scrub(`Sending through ${vendor} failed unexpectedly: ${safeMessage(error)}`));
      const details =
        reported === undefined ? unexpectedFailure('message', INTERNAL_ERROR) : withCredentialHint(reported, settings);
      const { fault } = details;
      this.metrics.messageSent({ vendor, result: 'failed', fault, durationMs: performance.now() - begun });
      throw new SendFailedError(scrubbedDetails(details, scrub));
    }
  }

  /**
   * The connection as it is now, if another instance has changed it: nothing was sent with the credentials that were rejected.
   * @returns undefined if it is the same, or cannot be used
   */
  private async changed({ row }: ResolvedConnection): Promise<ResolvedConnection | undefined> {
    try {
      const current = await this.loader.forSending(row.organization, row.id, REREAD_AFTER_MS);
      return current.row.version === row.version || current.row.disabledAt !== null ? undefined : current;
    } catch {
      // What the vendor has reported says more.
      return undefined;
    }
  }
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

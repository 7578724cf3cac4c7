import { setTimeout as delay } from 'node:timers/promises';
import {
  type BatchMessageInput,
  type BatchOutcome,
  ConnectionsError,
  EmailSender,
  OutcomeUnknownError,
  RequestInProgressError,
  SendFailedError,
  UnitOfWork,
} from '@score-crm/connections';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { CALLER } from '../configuration.ts';
import { Campaign, CampaignRecipient, type RecipientState } from './campaign.entities.ts';

const PAGE = 500;
const PAUSE_MS = 1_000;
const REASON_LENGTH = 500;

interface Run {
  readonly stopped: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Sends campaigns. What was sent when the process ends unexpectedly is not sent again: each email has an idempotency key, which
 * is the same after a restart. One process runs all campaigns; several need a lease for each.
 */
@Injectable()
export class CampaignRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger(CampaignRunner.name);
  private readonly runs = new Map<string, Run>();

  constructor(
    private readonly sender: EmailSender,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  start(campaign: Campaign, onCompleted: () => Promise<void>): void {
    const stopped = new AbortController();
    const run = async (): Promise<void> => {
      try {
        if (await this.run(campaign, stopped.signal)) await onCompleted();
      } catch (error) {
        this.logger.error(`Campaign ${campaign.id} stopped: ${String(error)}`);
      } finally {
        this.runs.delete(campaign.id);
      }
    };
    this.runs.set(campaign.id, { stopped, ended: run() });
  }

  /** Resolves when the emails that were started have ended. */
  async stop(id: string): Promise<void> {
    const run = this.runs.get(id);
    run?.stopped.abort();
    await run?.ended;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.runs.keys()].map((id) => this.stop(id)));
  }

  /** @returns whether all recipients have an outcome */
  private async run(campaign: Campaign, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const left = await Promise.all(campaign.connectionIds.map((id) => this.send(campaign, id, signal)));
      if (left.every((count) => count === 0)) return true;
      // Limits of a vendor end after a while, and so does another process that has just been killed.
      await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
    return false;
  }

  /** Sends to the pending recipients of a connection. @returns how many are pending afterwards */
  private async send(campaign: Campaign, connectionId: string, signal: AbortSignal): Promise<number> {
    const positions: number[] = [];
    const messages = this.messages(campaign, connectionId, positions);
    let outcomes: Outcome[] = [];
    try {
      for await (const outcome of this.sender.sendBatch(CALLER, connectionId, messages, { signal })) {
        outcomes.push({ position: positions[outcome.index] ?? -1, ...stateOf(outcome) });
        if (outcomes.length < PAGE) continue;
        await this.store(campaign, outcomes);
        outcomes = [];
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.store(campaign, outcomes);
    }
    const where = { campaignId: campaign.id, connectionId, state: 'pending' as const };
    return this.unitOfWork.read((tx) => tx.countBy(CampaignRecipient, where));
  }

  /** @param positions gets the position of each message */
  private async *messages(
    { id, subject, text }: Campaign,
    connectionId: string,
    positions: number[],
  ): AsyncGenerator<BatchMessageInput> {
    for (let after = -1; ;) {
      const rows = await this.unitOfWork.read((tx) =>
        tx
          .createQueryBuilder(CampaignRecipient, 'recipient')
          .where({ campaignId: id, connectionId, state: 'pending' })
          .andWhere('recipient.position > :after', { after })
          .orderBy('recipient.position')
          .limit(PAGE)
          .getMany(),
      );
      for (const { email, position } of rows) {
        positions.push(position);
        yield {
          to: [{ email }],
          subject,
          text,
          // The events of the email contain it.
          metadata: { campaign: id },
          idempotencyKey: `${id}.${String(position)}`,
        };
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  private async store({ id: campaignId }: Campaign, outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    await this.unitOfWork.write(async (tx) => {
      for (const { position, state, reason } of outcomes) {
        await tx.update(CampaignRecipient, { campaignId, position }, { state, reason });
      }
    });
  }
}

interface Outcome {
  readonly position: number;
  readonly state: RecipientState;
  readonly reason: string | null;
}

/** Failures that may pass leave the recipient pending: the next attempt has the same idempotency key. */
function stateOf(outcome: BatchOutcome): Omit<Outcome, 'position'> {
  if (outcome.ok) return { state: 'sent', reason: null };
  const { error } = outcome;
  const reason = error.message.slice(0, REASON_LENGTH);
  if (error instanceof OutcomeUnknownError) return { state: 'unknown', reason };
  if (error instanceof RequestInProgressError) return { state: 'pending', reason };
  if (error instanceof SendFailedError) return { state: error.details.retryable ? 'pending' : 'failed', reason };
  const isLasting = error instanceof ConnectionsError && !PASSING.has(String(error.code));
  return { state: isLasting ? 'failed' : 'pending', reason };
}

const PASSING: ReadonlySet<string> = new Set([
  'sending_limit_exceeded',
  'limits_unavailable',
  'database_unavailable',
  'overloaded',
]);

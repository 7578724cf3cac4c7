import type { AdapterErrorCode } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, IsNull, MoreThan, Not } from 'typeorm';
import { type DeletedRange, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/** Why an attempt has no response. `events_deleted`: nothing was sent, because the events are no longer stored. */
export type AttemptError = AdapterErrorCode | 'events_deleted';

/** An attempt to deliver a message. */
export class WebhookAttemptRow {
  id!: string;
  organization!: string;
  messageId!: string;
  startedAt!: Date;
  durationMs!: number;
  /** The HTTP status; null without a response. */
  status!: number | null;
  error!: AttemptError | null;
  /** The beginning of the body of the response. */
  response!: string | null;
}

export function webhookAttemptSchema(dialect: Dialect): EntitySchema<WebhookAttemptRow> {
  const { integer, key, longText, time } = columnKinds(dialect);
  return new EntitySchema<WebhookAttemptRow>({
    name: 'webhook_attempt',
    target: WebhookAttemptRow,
    tableName: 'webhook_attempts',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_attempts' },
      organization: { ...key, length: 64 },
      messageId: { name: 'message_id', ...key, length: 36 },
      startedAt: { name: 'started_at', ...time },
      durationMs: { name: 'duration_ms', ...integer },
      status: { ...integer, nullable: true },
      error: { ...key, length: 32, nullable: true },
      response: { ...longText, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_attempts_message', columns: ['messageId', 'id'] },
      { name: 'ix_webhook_attempts_organization', columns: ['organization', 'id'] },
    ],
  });
}

/** How many attempts of one message are kept: more than there are without replays. */
const KEPT_ATTEMPTS = 20;
const DELETED_PER_STEP = 1_000;

/** The table `webhook_attempts`. */
@Injectable()
export class WebhookAttemptsRepository {
  /** Stores an attempt. If its message has too many, the oldest are deleted. */
  async add(tx: Transaction, row: WebhookAttemptRow): Promise<void> {
    await tx.insert(WebhookAttemptRow, row);
    const old = await tx.find(WebhookAttemptRow, {
      select: { id: true },
      where: { messageId: row.messageId },
      order: { id: 'DESC' },
      skip: KEPT_ATTEMPTS,
      take: KEPT_ATTEMPTS,
    });
    if (old.length > 0) await tx.delete(WebhookAttemptRow, { id: In(old.map(({ id }) => id)) });
  }

  /** The attempts of these messages, newest first. */
  async ofMessages(tx: Transaction, messageIds: readonly string[]): Promise<WebhookAttemptRow[]> {
    if (messageIds.length === 0) return [];
    return tx.find(WebhookAttemptRow, { where: { messageId: In([...messageIds]) }, order: { id: 'DESC' } });
  }

  /** The next attempts of an organization after an id whose response has a body. */
  async nextWithResponse(
    tx: Transaction,
    organization: string,
    id: string,
    limit: number,
  ): Promise<Pick<WebhookAttemptRow, 'id' | 'response'>[]> {
    return tx.find(WebhookAttemptRow, {
      select: { id: true, response: true },
      where: { organization, id: MoreThan(id), response: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  async replaceResponse(tx: Transaction, id: string, response: string): Promise<void> {
    await tx.update(WebhookAttemptRow, { id }, { response });
  }

  /** Deletes the next attempts of a range of ids, which begin with their time. */
  async deleteRange(tx: Transaction, ids: KeyRange<string>): Promise<DeletedRange<string>> {
    return deleteRange(tx, WebhookAttemptRow, 'id', ids, DELETED_PER_STEP);
  }
}

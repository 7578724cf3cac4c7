import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThan, LessThanOrEqual, MoreThan } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { type DeletedRange, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { FeedKind } from '../feed/feed-kinds.ts';

export const MESSAGE_TYPES = ['email.events', 'webhook.test'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/**
 * `pending`: waits for its next attempt. `sending`: an attempt is in progress. `delivered`: the endpoint accepted it.
 * `failed`: all attempts failed, or its events are no longer stored.
 */
export const MESSAGE_STATES = ['pending', 'sending', 'delivered', 'failed'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** A message for an endpoint. Its events are read from the feed for each attempt. */
export class WebhookMessageRow {
  /** The `webhook-id` of all attempts. */
  id!: string;
  endpointId!: string;
  type!: MessageType;
  /** The positions of its first and its last event, see `sortablePosition`; null for a test. */
  firstPosition!: string | null;
  lastPosition!: string | null;
  /** The kinds of the endpoint when it was stored; null for all. */
  kinds!: readonly FeedKind[] | null;
  /** How many events it has. */
  events!: number;
  /** The size of its events as JSON. */
  bytes!: number;
  state!: MessageState;
  /** How many attempts were begun since it was stored or replayed. */
  attempts!: number;
  nextAttemptAt!: Date | null;
  /** From then on, its events do not change. */
  firstAttemptAt!: Date | null;
  createdAt!: Date;
  /** When it was delivered or failed. */
  endedAt!: Date | null;
}

export function webhookMessageSchema(dialect: Dialect): EntitySchema<WebhookMessageRow> {
  const { integer, key, time } = columnKinds(dialect);
  return new EntitySchema<WebhookMessageRow>({
    name: 'webhook_message',
    target: WebhookMessageRow,
    tableName: 'webhook_messages',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_messages' },
      endpointId: { name: 'endpoint_id', ...key, length: 36 },
      type: { ...key, length: 32 },
      firstPosition: { name: 'first_position', ...key, length: 25, nullable: true },
      lastPosition: { name: 'last_position', ...key, length: 25, nullable: true },
      kinds: { type: 'json', nullable: true },
      events: { ...integer },
      bytes: { ...integer },
      state: { ...key, length: 16 },
      attempts: { ...integer },
      nextAttemptAt: { name: 'next_attempt_at', ...time, nullable: true },
      firstAttemptAt: { name: 'first_attempt_at', ...time, nullable: true },
      createdAt: { name: 'created_at', ...time },
      endedAt: { name: 'ended_at', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_messages_endpoint', columns: ['endpointId', 'id'] },
      { name: 'uq_webhook_messages_position', columns: ['endpointId', 'firstPosition'], unique: true },
      { name: 'ix_webhook_messages_due', columns: ['endpointId', 'state', 'nextAttemptAt'] },
    ],
  });
}

export interface MessageFilter {
  readonly endpointId: string;
  readonly states?: readonly MessageState[] | undefined;
  /** Only messages older than this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

const DELETED_PER_STEP = 1_000;

/** The table `webhook_messages`. */
@Injectable()
export class WebhookMessagesRepository {
  async insert(tx: Transaction, rows: readonly WebhookMessageRow[]): Promise<void> {
    await tx.insert(WebhookMessageRow, [...rows]);
  }

  async find(tx: Transaction, endpointId: string, id: string): Promise<WebhookMessageRow | null> {
    return isUuid(id) ? tx.findOneBy(WebhookMessageRow, { id, endpointId }) : null;
  }

  /** Newest first. */
  async list(tx: Transaction, { endpointId, states, before, limit }: MessageFilter): Promise<WebhookMessageRow[]> {
    return tx.find(WebhookMessageRow, {
      where: {
        endpointId,
        ...(states === undefined ? {} : { state: In([...states]) }),
        ...(before === undefined ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** The last message that begins at or before a position. */
  async atOrBefore(tx: Transaction, endpointId: string, position: string): Promise<WebhookMessageRow | null> {
    return tx.findOne(WebhookMessageRow, {
      where: { endpointId, firstPosition: LessThanOrEqual(position) },
      order: { firstPosition: 'DESC' },
    });
  }

  /** The first message that begins after a position. */
  async after(tx: Transaction, endpointId: string, position: string): Promise<WebhookMessageRow | null> {
    return tx.findOne(WebhookMessageRow, {
      where: { endpointId, firstPosition: MoreThan(position) },
      order: { firstPosition: 'ASC' },
    });
  }

  async update(tx: Transaction, ids: readonly string[], changes: Partial<WebhookMessageRow>): Promise<void> {
    if (ids.length > 0) await tx.update(WebhookMessageRow, { id: In([...ids]) }, changes);
  }

  /** The messages of an endpoint that are due, the longest waiting first. */
  async due(tx: Transaction, endpointId: string, now: Date, limit: number): Promise<WebhookMessageRow[]> {
    return tx.find(WebhookMessageRow, {
      where: { endpointId, state: 'pending', nextAttemptAt: LessThanOrEqual(now) },
      order: { nextAttemptAt: 'ASC' },
      take: limit,
    });
  }

  /** When the next message of an endpoint is due; null if none is waiting. */
  async nextDue(tx: Transaction, endpointId: string): Promise<Date | null> {
    const row = await tx.findOne(WebhookMessageRow, {
      select: { id: true, nextAttemptAt: true },
      where: { endpointId, state: 'pending' },
      order: { nextAttemptAt: 'ASC' },
    });
    return row?.nextAttemptAt ?? null;
  }

  /** Makes messages due again whose attempt was interrupted. */
  async resume(tx: Transaction, endpointId: string, now: Date): Promise<void> {
    await tx.update(WebhookMessageRow, { endpointId, state: 'sending' }, { state: 'pending', nextAttemptAt: now });
  }

  /** The next messages of an endpoint after an id that have ended in one of these states. */
  async nextEnded(
    tx: Transaction,
    endpointId: string,
    states: readonly MessageState[],
    ids: KeyRange<string>,
    limit: number,
  ): Promise<string[]> {
    const rows = await tx
      .createQueryBuilder(WebhookMessageRow, 'message')
      .select(['message.id'])
      .where('message.endpointId = :endpointId AND message.id > :after AND message.id < :before', {
        endpointId,
        ...ids,
      })
      .andWhere('message.state IN (:...states)', { states })
      .orderBy('message.id', 'ASC')
      .limit(limit)
      .getMany();
    return rows.map(({ id }) => id);
  }

  /** Deletes the next messages of a range of ids, which begin with their time. */
  async deleteRange(tx: Transaction, ids: KeyRange<string>): Promise<DeletedRange<string>> {
    return deleteRange(tx, WebhookMessageRow, 'id', ids, DELETED_PER_STEP);
  }
}

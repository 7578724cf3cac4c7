import type { Bounce, EventKind } from '@score-crm/adapter-kit';
import { EntitySchema, type ValueTransformer } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

/**
 * The connection whose message an event is about. `own`: the event contains the id of this connection, or of a message that
 * was sent through it. `foreign`: the id of another connection of the same vendor account. `unmatched`: neither. `test`: the
 * event is about a test message, or the vendor created it to test the webhook.
 */
export type EventAttribution = 'own' | 'foreign' | 'unmatched' | 'test';

/** How long the columns of an event are, in characters. */
export const EVENT_LENGTHS = { id: 255, recipient: 320, reply: 4_000, url: 8_000, userAgent: 1_000 } as const;

export class EventRow {
  id!: number;
  connectionId!: string;
  organization!: string;
  /** Identifies the event within its connection. */
  digest!: Buffer;
  /**
   * The webhook request that first contained the event, and its position in the batch, where its raw form is. For an event
   * that the service itself created when it sent a message: the service's id of the message, without a raw form.
   */
  requestId!: string;
  position!: number;
  kind!: EventKind;
  occurredAt!: Date;
  receivedAt!: Date;
  recipient!: string | null;
  messageId!: string | null;
  vendorEventId!: string | null;
  bounce!: Bounce | null;
  /** What the receiving server replied, for an event that is not a bounce; that of a bounce is its `reason`. */
  reply!: string | null;
  url!: string | null;
  userAgent!: string | null;
  ip!: string | null;
  machine!: boolean | null;
  tags!: readonly string[] | null;
  metadata!: Readonly<Record<string, string>> | null;
  attribution!: EventAttribution;
}

// The MySQL drivers return a bigint as text.
const NUMBER: ValueTransformer = { from: Number, to: (value: unknown) => value };
const FLAG: ValueTransformer = {
  from: (value: number | null) => (value === null ? null : value === 1),
  to: (value: boolean | null) => (value === null ? null : Number(value)),
};

export function eventSchema(dialect: Dialect): EntitySchema<EventRow> {
  const { digest, exact, integer, key, longText, serial, text, time } = columnKinds(dialect);
  return new EntitySchema<EventRow>({
    name: 'event',
    target: EventRow,
    tableName: 'events',
    columns: {
      id: { ...serial, primary: true, generated: 'increment', transformer: NUMBER },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      digest: { ...digest },
      requestId: { name: 'request_id', ...key, length: 36 },
      position: { ...integer },
      kind: { ...key, length: 16 },
      occurredAt: { name: 'occurred_at', ...time },
      receivedAt: { name: 'received_at', ...time },
      recipient: { ...exact, length: EVENT_LENGTHS.recipient, nullable: true },
      messageId: { name: 'message_id', ...key, length: EVENT_LENGTHS.id, nullable: true },
      vendorEventId: { name: 'vendor_event_id', ...key, length: EVENT_LENGTHS.id, nullable: true },
      bounce: { type: 'json', nullable: true },
      reply: { ...longText, nullable: true },
      url: { ...longText, nullable: true },
      userAgent: { name: 'user_agent', ...text, length: EVENT_LENGTHS.userAgent, nullable: true },
      ip: { ...key, length: 45, nullable: true },
      machine: { ...integer, nullable: true, transformer: FLAG },
      tags: { type: 'json', nullable: true },
      metadata: { type: 'json', nullable: true },
      attribution: { ...key, length: 16 },
    },
    indices: [
      { name: 'uq_events_digest', columns: ['digest'], unique: true },
      { name: 'ix_events_kind', columns: ['connectionId', 'kind', 'id'] },
      { name: 'ix_events_connection', columns: ['connectionId', 'id'] },
      { name: 'ix_events_recipient', columns: ['connectionId', 'recipient', 'id'] },
      { name: 'ix_events_request', columns: ['requestId'] },
      { name: 'ix_events_message', columns: ['connectionId', 'messageId'] },
      { name: 'ix_events_counts', columns: ['connectionId', 'occurredAt', 'kind', 'attribution', 'machine'] },
    ],
  });
}

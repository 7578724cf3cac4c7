import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

/** `rejected`: the request was authenticated, but its body could not be read. */
export type WebhookRequestStatus = 'accepted' | 'rejected';

/** An item of a batch that could not be stored as an event. */
export interface RejectedItem {
  readonly position: number;
  readonly reason: string;
}

export const CONTENT_TYPE_LENGTH = 200;
export const REASON_LENGTH = 500;

/** An authenticated request as it was received. */
export class WebhookRequestRow {
  id!: string;
  connectionId!: string;
  organization!: string;
  vendor!: string;
  receivedAt!: Date;
  contentType!: string | null;
  /** The query parameters that the adapter reads in addition to the body. */
  parameters!: Readonly<Record<string, string>> | null;
  /** Gzip. Null if it is not needed: the request contained only duplicates, or no event. */
  body!: Buffer | null;
  status!: WebhookRequestStatus;
  accepted!: number;
  duplicates!: number;
  rejected!: number;
  /** The first of the rejected items. */
  rejections!: readonly RejectedItem[] | null;
  /** Why the delivery was rejected. */
  reason!: string | null;
  /** For a delivery with rejected items: identifies repetitions. Unique within a connection. */
  rejectedDigest!: Buffer | null;
  /** How often the delivery was received. */
  occurrences!: number;
  /** When the delivery was last repeated. */
  lastReceivedAt!: Date | null;
}

export function webhookRequestSchema(dialect: Dialect): EntitySchema<WebhookRequestRow> {
  const { bytes, digest, integer, key, text, time } = columnKinds(dialect);
  return new EntitySchema<WebhookRequestRow>({
    name: 'webhook_request',
    target: WebhookRequestRow,
    tableName: 'webhook_requests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_requests' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      vendor: { ...key, length: 32 },
      receivedAt: { name: 'received_at', ...time },
      contentType: { name: 'content_type', ...text, length: CONTENT_TYPE_LENGTH, nullable: true },
      parameters: { type: 'json', nullable: true },
      body: { ...bytes, nullable: true },
      status: { ...key, length: 16 },
      accepted: { ...integer },
      duplicates: { ...integer },
      rejected: { ...integer },
      rejections: { type: 'json', nullable: true },
      reason: { ...text, length: REASON_LENGTH, nullable: true },
      rejectedDigest: { name: 'rejected_digest', ...digest, nullable: true },
      occurrences: { ...integer, default: 1 },
      lastReceivedAt: { name: 'last_received_at', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_requests_connection', columns: ['connectionId', 'id'] },
      { name: 'uq_webhook_requests_rejected', columns: ['connectionId', 'rejectedDigest'], unique: true },
    ],
  });
}

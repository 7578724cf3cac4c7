import type { Bounce, EventKind } from '@score-crm/adapter-kit';
import type { EventAttribution, EventRow } from '../persistence/schema/event-row.ts';

/** An event as the API returns it. */
export interface ConnectionEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly recipient: string | null;
  readonly messageId: string | null;
  readonly vendorEventId: string | null;
  readonly bounce: Bounce | null;
  /** What the receiving server or the vendor replied; null if the vendor did not report it. */
  readonly reply: string | null;
  readonly url: string | null;
  readonly userAgent: string | null;
  readonly ip: string | null;
  readonly machine: boolean | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly attribution: EventAttribution;
}

export interface ConnectionEventDetails extends ConnectionEvent {
  /** The vendor's item as it was received; null if the request is no longer stored. */
  readonly raw: unknown;
}

export function toEvent(row: EventRow): ConnectionEvent {
  return {
    id: String(row.id),
    kind: row.kind,
    occurredAt: row.occurredAt,
    receivedAt: row.receivedAt,
    recipient: row.recipient,
    messageId: row.messageId,
    vendorEventId: row.vendorEventId,
    bounce: row.bounce,
    reply: row.reply ?? row.bounce?.reason ?? null,
    url: row.url,
    userAgent: row.userAgent,
    ip: row.ip,
    machine: row.machine,
    tags: row.tags ?? [],
    metadata: row.metadata ?? {},
    attribution: row.attribution,
  };
}

import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import type { ConnectionEvent } from '../events/event-details.ts';
import type { WebhookHealthReason, WebhookHealthState } from '../events/webhook-health-changes.repository.ts';

/** The kind of a change of a webhook's health. It is not an event of an email: readers get it only if they name it. */
export const WEBHOOK_HEALTH_CHANGED = 'webhook_health_changed';

/** The kinds of events in the feed. */
export const FEED_KINDS = [...EVENT_KINDS, WEBHOOK_HEALTH_CHANGED] as const;

export type FeedKind = (typeof FEED_KINDS)[number];

/** What every event of the feed has. */
interface Placed {
  /** After this event: read on with it. */
  readonly position: string;
  readonly organization: string;
  readonly connectionId: string;
  readonly vendor: string;
}

/** An event of an email. */
export interface FeedEvent extends ConnectionEvent, Placed {}

/** The health of a webhook in a period. */
export interface WebhookHealthPeriod {
  readonly state: WebhookHealthState;
  /** Null unless the webhook is unhealthy. */
  readonly reason: WebhookHealthReason | null;
  readonly since: Date;
}

/** A change of the health of a connection's webhook. */
export interface WebhookHealthEvent extends Placed {
  readonly id: string;
  readonly kind: typeof WEBHOOK_HEALTH_CHANGED;
  /** When the service noticed it. */
  readonly occurredAt: Date;
  readonly health: WebhookHealthPeriod;
  /** Null for the first state of the webhook. */
  readonly previous: WebhookHealthPeriod | null;
}

/** The events of some kinds. */
export type FeedEventOf<Kind extends FeedKind> = Kind extends EventKind ? FeedEvent : WebhookHealthEvent;

/** Which events a reader gets. */
export interface FeedReads {
  readonly emails: boolean;
  readonly health: boolean;
  /** Whether all events of emails are wanted, or none. */
  readonly isWhole: boolean;
}

/** Without kinds, all events of emails, and only those. */
export function readsOf(kinds: readonly FeedKind[] | undefined): FeedReads {
  if (kinds === undefined) return { emails: true, health: false, isWhole: true };
  const wanted = EVENT_KINDS.filter((kind) => kinds.includes(kind)).length;
  const isWhole = wanted === 0 || wanted === EVENT_KINDS.length;
  return { emails: wanted > 0, health: kinds.includes(WEBHOOK_HEALTH_CHANGED), isWhole };
}

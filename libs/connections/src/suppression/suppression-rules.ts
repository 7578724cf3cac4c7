import type { BounceClass, EventKind } from '@score-crm/adapter-kit';

/** Why an address is suppressed: an event, or someone who entered or imported it. */
export type SuppressionReason = EventReason | AddedReason;
export type EventReason = 'complaint' | 'unsubscribed' | 'hard_bounce' | 'soft_bounce';
export type AddedReason = 'manual' | 'list_import';

/** All reasons. */
export const SUPPRESSION_REASONS = [
  'hard_bounce',
  'soft_bounce',
  'complaint',
  'unsubscribed',
  'manual',
  'list_import',
] as const satisfies readonly SuppressionReason[];

/** The event that suppresses an address. */
export interface SuppressionCause {
  readonly reason: EventReason;
  readonly eventId: number;
  readonly connectionId: string;
  /** In milliseconds since 1970. */
  readonly occurredAt: number;
}

export interface SoftBounce {
  readonly eventId: number;
  readonly connectionId: string;
  readonly occurredAt: number;
}

/** An event that matters for suppression. */
export interface SuppressionEvent {
  /** Its place in the feed. */
  readonly place: number;
  readonly eventId: number;
  readonly connectionId: string;
  readonly kind: EventKind;
  readonly bounceClass: BounceClass | null;
  /** In milliseconds since 1970. */
  readonly occurredAt: number;
}

/**
 * What the events of an address have in common, as far as it decides about suppression. It depends on which events there were,
 * and neither on the order in which they arrived nor on how often each of them was applied.
 */
export interface SuppressionState {
  /** The last place in the feed of which an event was applied. */
  readonly applied: number;
  /** Events up to this place no longer count, because someone has removed the suppression that they caused. */
  readonly lifted: number;
  /** When the last known delivery occurred; null without one. */
  readonly deliveredAt: number | null;
  /** The latest ones by their own time, the earliest first. */
  readonly softBounces: readonly SoftBounce[];
  /** The event with the strongest reason, except for soft bounces; null without one. */
  readonly cause: SuppressionCause | null;
}

export const INITIAL_STATE: SuppressionState = {
  applied: 0,
  lifted: 0,
  deliveredAt: null,
  softBounces: [],
  cause: null,
};

/** So many soft bounces without a delivery in between suppress an address. */
export const SOFT_BOUNCE_LIMIT = 5;

/** A will that the recipient has expressed is never replaced by what a server has reported. */
const STRENGTH: Readonly<Record<EventReason, number>> = {
  complaint: 4,
  unsubscribed: 3,
  hard_bounce: 2,
  soft_bounce: 1,
};

/** What an event means for its recipient; undefined if it means nothing. A vendor's resubscription lifts no suppression. */
export function effectOf({
  kind,
  bounceClass,
}: Pick<SuppressionEvent, 'kind' | 'bounceClass'>): EventReason | 'delivered' | undefined {
  if (kind === 'delivered') return 'delivered';
  if (kind === 'complained') return 'complaint';
  if (kind === 'unsubscribed') return 'unsubscribed';
  if (kind !== 'bounced') return undefined;
  // Blocks, policies and administrators reject the sender or the message, not the address.
  if (bounceClass === 'hard') return 'hard_bounce';
  return bounceClass === 'soft' ? 'soft_bounce' : undefined;
}

/** The state after one more event. */
export function withEvent(state: SuppressionState, event: SuppressionEvent): SuppressionState {
  const effect = effectOf(event);
  if (effect === undefined || event.place <= state.lifted) return state;
  const applied = Math.max(state.applied, event.place);
  const { eventId, connectionId, occurredAt } = event;
  if (effect === 'delivered') return withDelivery({ ...state, applied }, occurredAt);
  if (effect === 'soft_bounce') {
    const softBounces = withSoftBounce(state.softBounces, { eventId, connectionId, occurredAt });
    return { ...state, applied, softBounces };
  }
  return { ...state, applied, cause: stronger(state.cause, { reason: effect, eventId, connectionId, occurredAt }) };
}

/** The state after a delivery became known. */
export function withDelivery(state: SuppressionState, occurredAt: number): SuppressionState {
  return { ...state, deliveredAt: Math.max(state.deliveredAt ?? occurredAt, occurredAt) };
}

/** The state after someone has removed the suppression: what was applied before no longer counts. */
export function withoutSuppression(state: SuppressionState): SuppressionState {
  return { ...state, lifted: state.applied, softBounces: [], cause: null };
}

/** Why events suppress the address; null if they do not. */
export function causeOf({ cause, deliveredAt, softBounces }: SuppressionState): SuppressionCause | null {
  if (cause !== null) return cause;
  const [first] = softBounces;
  const last = softBounces.at(-1);
  if (first === undefined || last === undefined || softBounces.length < SOFT_BOUNCE_LIMIT) return null;
  if (deliveredAt !== null && deliveredAt >= first.occurredAt) return null;
  return { reason: 'soft_bounce', ...last };
}

function stronger(known: SuppressionCause | null, other: SuppressionCause): SuppressionCause {
  if (known === null) return other;
  const difference = STRENGTH[known.reason] - STRENGTH[other.reason];
  if (difference !== 0) return difference > 0 ? known : other;
  // The earlier one: the order of arrival does not matter.
  return byTime(known, other) <= 0 ? known : other;
}

function withSoftBounce(known: readonly SoftBounce[], added: SoftBounce): readonly SoftBounce[] {
  if (known.some(({ eventId }) => eventId === added.eventId)) return known;
  return [...known, added].toSorted(byTime).slice(-SOFT_BOUNCE_LIMIT);
}

function byTime(a: SoftBounce, b: SoftBounce): number {
  return a.occurredAt - b.occurredAt || a.eventId - b.eventId;
}

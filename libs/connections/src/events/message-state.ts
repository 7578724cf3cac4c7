import type { BounceClass, EventKind } from '@score-crm/adapter-kit';

/** What a state is computed from. */
export interface StateEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly occurredAt: Date;
  readonly recipient: string | null;
  readonly machine: boolean | null;
  readonly bounceClass: BounceClass | null;
}

/** The state of a message for one recipient. */
export interface RecipientState {
  /** In its stored form; null for events that name no recipient. */
  readonly recipient: string | null;
  /** The kind of the strongest event. */
  readonly state: EventKind;
  /** Of a bounce. */
  readonly bounceClass: BounceClass | null;
  /** When the first event of this strength happened. */
  readonly since: Date;
  /** The id of that event. */
  readonly eventId: string;
}

/** A kind, or a bounce of a class. */
type Evidence = Exclude<EventKind, 'bounced'> | `bounced:${BounceClass}`;

/**
 * All evidence from the weakest to the strongest. What comes later never weakens what is known, so the order in which vendors report events does not matter.
 *
 * - Readers prove that the message arrived, so opens, clicks, unsubscribes and complaints are stronger than any bounce.
 *   A complaint is the strongest: the recipient must not get further messages.
 * - A bounce that names a permanent reason is stronger than a delivery. Receiving servers accept messages and return them later
 *   (asynchronous or "out-of-band" bounces); the vendor has then reported both, and the message did not arrive.
 * - Other bounces are weaker than a delivery. After a soft bounce, vendors may try again and succeed; with `admin` the vendor did
 *   not try; without a known class, replies such as those of an absence assistant are often taken for bounces.
 * - What could not be sent is stronger than what is still on its way, and weaker than what a receiving server has accepted.
 */
const STRENGTHS: readonly Evidence[] = [
  'unknown',
  'queued',
  'sent',
  'deferred',
  'rejected',
  'failed',
  'bounced:unknown',
  'bounced:admin',
  'bounced:soft',
  'delivered',
  'bounced:block',
  'bounced:policy',
  'bounced:hard',
  'opened',
  'clicked',
  'subscribed',
  'unsubscribed',
  'complained',
];
const STRENGTH_OF: ReadonlyMap<Evidence, number> = new Map(STRENGTHS.map((evidence, index) => [evidence, index]));

/**
 * The state of a message for each of its recipients, in the order of the recipients. It depends only on the events, not on the
 * order in which they are given or were received.
 */
export function messageStates(events: Iterable<StateEvent>): readonly RecipientState[] {
  const strongest = new Map<string | null, StateEvent>();
  for (const event of events) {
    const known = strongest.get(event.recipient);
    if (known === undefined || isStronger(event, known)) strongest.set(event.recipient, event);
  }
  return [...strongest.values()].toSorted(byRecipient).map((event) => ({
    recipient: event.recipient,
    state: kindOf(event),
    bounceClass: event.kind === 'bounced' ? (event.bounceClass ?? 'unknown') : null,
    since: event.occurredAt,
    eventId: event.id,
  }));
}

/** Of equally strong events, the first that happened counts, and of these the first that was stored. */
function isStronger(a: StateEvent, b: StateEvent): boolean {
  const difference = strengthOf(a) - strengthOf(b);
  if (difference !== 0) return difference > 0;
  const later = a.occurredAt.getTime() - b.occurredAt.getTime();
  return later === 0 ? Number(a.id) < Number(b.id) : later < 0;
}

function strengthOf(event: StateEvent): number {
  const kind = kindOf(event);
  const evidence: Evidence = kind === 'bounced' ? `bounced:${event.bounceClass ?? 'unknown'}` : kind;
  return STRENGTH_OF.get(evidence) ?? 0;
}

/** A machine that opens a message or follows its links shows that it was delivered, not that anyone has read it. */
function kindOf({ kind, machine }: StateEvent): EventKind {
  return machine === true && (kind === 'opened' || kind === 'clicked') ? 'delivered' : kind;
}

function byRecipient({ recipient: a }: StateEvent, { recipient: b }: StateEvent): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

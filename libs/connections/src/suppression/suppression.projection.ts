import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { EventsRepository } from '../events/events.repository.ts';
import type { EventProjection } from '../feed/event-consumer.ts';
import { EventConsumers } from '../feed/event-consumers.ts';
import type { FeedRow } from '../feed/event-feed.ts';
import {
  causeOf,
  effectOf,
  type SuppressionCause,
  type SuppressionEvent,
  type SuppressionState,
  withDelivery,
  withEvent,
} from './suppression-rules.ts';
import { type NewSuppression, suppressionDigest, SuppressionsRepository } from './suppressions.repository.ts';

/** An event that may change whether its recipient is suppressed. */
interface RecipientEvent {
  readonly digest: string;
  readonly recipient: Recipient;
  readonly isDelivery: boolean;
  readonly event: SuppressionEvent;
}

interface Recipient {
  readonly organization: string;
  readonly address: string;
}

/** More than a request can have events. */
const PLACES_PER_ENTRY = 1 << 17;

/**
 * Suppresses recipients by the events of their messages. The result depends on which events there are, and not on their order. To apply an
 * event again changes nothing.
 *
 * A delivery is remembered only of addresses with bounces: a row for each recipient would make every delivery a write to a random
 * place. Those that were received before the bounces are looked up among the events when an address would be suppressed.
 */
@Injectable()
export class SuppressionProjection implements EventProjection, OnModuleInit {
  readonly name = 'suppression';

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly consumers: EventConsumers,
    private readonly suppressions: SuppressionsRepository,
    private readonly connections: ConnectionsRepository,
    private readonly events: EventsRepository,
  ) {}

  onModuleInit(): void {
    this.consumers.add(this);
  }

  async apply(tx: Transaction, rows: readonly FeedRow[]): Promise<void> {
    const events = rows.flatMap((row) => recipientEvent(row) ?? []);
    const digests = await this.affected(tx, events);
    if (digests.size === 0) return;
    const limits = this.unitOfWork.statementLimits;
    const before = await this.suppressions.lockStates(tx, [...digests], limits);
    const states = new Map(before);
    const recipients = new Map<string, Recipient>();
    for (const { digest, recipient, event } of events) {
      const state = states.get(digest);
      if (state === undefined) continue;
      states.set(digest, withEvent(state, event));
      recipients.set(digest, recipient);
    }
    const numbers = new Map<string, readonly number[]>();
    const causes: NewSuppression[] = [];
    const lifted: string[] = [];
    for (const [digest, recipient] of recipients) {
      const state = await this.withEarlierDelivery(tx, states.get(digest) as SuppressionState, recipient, numbers);
      states.set(digest, state);
      const cause = causeOf(state);
      if (cause !== null) causes.push(causedRow(digest, recipient, cause));
      else if (causeOf(before.get(digest) as SuppressionState) !== null) lifted.push(digest);
    }
    await this.suppressions.saveStates(tx, states, limits);
    await this.suppressions.setCauses(tx, causes, limits);
    await this.suppressions.clearCauses(tx, lifted);
  }

  /** The addresses whose state the events change: a delivery matters only where there are bounces. */
  private async affected(tx: Transaction, events: readonly RecipientEvent[]): Promise<ReadonlySet<string>> {
    const digests = new Set(events.flatMap(({ digest, isDelivery }) => (isDelivery ? [] : [digest])));
    const delivered = new Set(events.flatMap(({ digest }) => (digests.has(digest) ? [] : [digest])));
    for (const digest of await this.suppressions.withState(tx, [...delivered])) digests.add(digest);
    return digests;
  }

  private async withEarlierDelivery(
    tx: Transaction,
    state: SuppressionState,
    { organization, address }: Recipient,
    known: Map<string, readonly number[]>,
  ): Promise<SuppressionState> {
    if (causeOf(state)?.reason !== 'soft_bounce') return state;
    const numbers =
      known.get(organization) ?? (await this.connections.ofOrganization(tx, organization)).map(({ number }) => number);
    known.set(organization, numbers);
    const deliveredAt = await this.events.lastDelivery(tx, numbers, address);
    return deliveredAt === undefined ? state : withDelivery(state, deliveredAt);
  }
}

function recipientEvent({ position, connection, row }: FeedRow): RecipientEvent | undefined {
  const { recipient: address, kind, bounceClass, attribution } = row;
  // A message that was sent by others through the same account is no reason, and neither is a test.
  const isOurs = attribution === 'own' || attribution === 'unmatched';
  const effect = effectOf({ kind, bounceClass });
  if (address === null || effect === undefined || !isOurs) return undefined;
  const { organization, id: connectionId } = connection;
  const place = position.seq * PLACES_PER_ENTRY + position.index;
  return {
    digest: suppressionDigest(organization, address),
    recipient: { organization, address },
    isDelivery: effect === 'delivered',
    event: { place, eventId: row.id, connectionId, kind, bounceClass, occurredAt: row.occurredAt.getTime() },
  };
}

function causedRow(digest: string, { organization, address }: Recipient, cause: SuppressionCause): NewSuppression {
  const { reason, eventId, connectionId, occurredAt } = cause;
  return {
    digest: Buffer.from(digest, 'hex'),
    organization,
    address,
    reason,
    eventId,
    connectionId,
    occurredAt: new Date(occurredAt),
    addedReason: null,
    addedBy: null,
    note: null,
    createdAt: new Date(),
  };
}

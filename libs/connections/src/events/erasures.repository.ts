import { hash } from 'node:crypto';
import { canonicalAddress, type ParsedEvent } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThanOrEqual } from 'typeorm';
import { v7 as uuid, validate as isUuid } from 'uuid';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { addressRedaction, type AddressRedaction } from './address-redaction.ts';

/** `running` includes the wait for the second pass; a `failed` erasure must be requested again. */
export type ErasureState = 'pending' | 'running' | 'completed' | 'failed';

/** How many rows an erasure has changed since it was last requested. */
export interface ErasureCounts {
  /** Events without a recipient from now on. */
  readonly events: number;
  /** Bodies from which the address was removed. */
  readonly bodies: number;
  /** Webhook requests with the address in a reason, a rejected item, a parameter or a header. */
  readonly deliveries: number;
  /** Results of connection tests. */
  readonly tests: number;
}

/** A recipient whose address is erased. */
export class ErasureRow implements ErasureCounts {
  id!: string;
  organization!: string;
  /** SHA-256 of the organization and the address, in hexadecimal. Unique within an organization. */
  digest!: string;
  state!: ErasureState;
  /** The encrypted address, until the erasure has ended. */
  recipient!: string | null;
  events!: number;
  bodies!: number;
  deliveries!: number;
  tests!: number;
  /** The last time. */
  requestedAt!: Date;
  completedAt!: Date | null;
  /** Identifies the lease of the instance that runs it. */
  leasedBy!: string | null;
  /** When an instance may take it: now, after a lease that was not prolonged, or for the second pass; null if it has ended. */
  dueAt!: Date | null;
}

export function erasureSchema(dialect: Dialect): EntitySchema<ErasureRow> {
  const { encrypted, integer, key, time } = columnKinds(dialect);
  return new EntitySchema<ErasureRow>({
    name: 'erasure',
    target: ErasureRow,
    tableName: 'erasures',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_erasures' },
      organization: { ...key, length: 64 },
      digest: { ...key, length: 64 },
      state: { ...key, length: 16, default: 'completed' },
      recipient: { ...encrypted, nullable: true },
      events: { ...integer, default: 0 },
      bodies: { ...integer, default: 0 },
      deliveries: { ...integer, default: 0 },
      tests: { ...integer, default: 0 },
      requestedAt: { name: 'requested_at', ...time },
      completedAt: { name: 'completed_at', ...time, nullable: true },
      leasedBy: { name: 'leased_by', ...key, length: 36, nullable: true },
      dueAt: { name: 'due_at', ...time, nullable: true },
    },
    indices: [
      { name: 'uq_erasures_digest', columns: ['organization', 'digest'], unique: true },
      { name: 'ix_erasures_due', columns: ['dueAt'] },
    ],
  });
}

/** The lease has ended: another instance runs the erasure, or it was requested again. */
export class ErasureLostError extends Error {
  constructor() {
    super('The erasure was requested again, or another instance runs it.');
  }
}

const NO_COUNTS: ErasureCounts = { events: 0, bodies: 0, deliveries: 0, tests: 0 };
const CHANGED_BY_REQUEST = [
  ...Object.keys(NO_COUNTS),
  'state',
  'recipient',
  'requested_at',
  'completed_at',
  'leased_by',
  'due_at',
];

/** The table `erasures`. */
@Injectable()
export class ErasuresRepository {
  /**
   * Starts an erasure, or starts it again under its ID. An instance that runs it loses it.
   * @param digest `erasureDigest` of the address
   * @param recipient the encrypted address
   * @param lease of the instance that runs it; by default, any instance may
   */
  async request(
    tx: Transaction,
    request: Pick<ErasureRow, 'organization' | 'digest' | 'recipient' | 'requestedAt'>,
    lease?: Pick<ErasureRow, 'leasedBy' | 'dueAt'>,
  ): Promise<ErasureRow> {
    const { organization, digest, requestedAt } = request;
    const state = lease === undefined ? 'pending' : 'running';
    const dueAt = lease?.dueAt ?? requestedAt;
    const row = {
      ...request,
      ...NO_COUNTS,
      state,
      completedAt: null,
      leasedBy: lease?.leasedBy ?? null,
      dueAt,
    } as const;
    // One statement: two instances may insert the same address at the same time.
    await tx
      .createQueryBuilder()
      .insert()
      .into(ErasureRow)
      .values({ ...row, id: uuid() })
      .orUpdate(CHANGED_BY_REQUEST, ['organization', 'digest'])
      .execute();
    return tx.findOneByOrFail(ErasureRow, { organization, digest });
  }

  async find(tx: Transaction, organization: string, id: string): Promise<ErasureRow | null> {
    return isUuid(id) ? tx.findOneBy(ErasureRow, { organization, id }) : null;
  }

  /** Takes an erasure that is due. */
  async lease(tx: Transaction, by: string, now: Date, until: Date): Promise<ErasureRow | null> {
    const row = await tx.findOne(ErasureRow, { where: { dueAt: LessThanOrEqual(now) }, order: { dueAt: 'ASC' } });
    if (row === null) return null;
    const lease = { state: 'running', leasedBy: by, dueAt: until } as const;
    const { affected } = await tx.update(ErasureRow, { id: row.id, dueAt: LessThanOrEqual(now) }, lease);
    return affected === 1 ? Object.assign(row, lease) : null;
  }

  /**
   * Adds to the numbers, and prolongs the lease.
   * @throws ErasureLostError
   */
  async advance(
    tx: Transaction,
    { id, leasedBy }: Pick<ErasureRow, 'id' | 'leasedBy'>,
    counts: Partial<ErasureCounts>,
    until: Date,
  ): Promise<void> {
    const added = Object.entries(counts).map(([name, count]) => [name, () => `${name} + ${String(count)}`] as const);
    const changes = { ...Object.fromEntries(added), dueAt: until };
    const { affected } = await tx.update(ErasureRow, { id, leasedBy: leasedBy ?? '' }, changes);
    if (affected !== 1) throw new ErasureLostError();
  }

  /** Ends a lease, unless it was lost. */
  async release(
    tx: Transaction,
    { id, leasedBy }: Pick<ErasureRow, 'id' | 'leasedBy'>,
    changes: Partial<Pick<ErasureRow, 'state' | 'recipient' | 'completedAt'>> & Pick<ErasureRow, 'dueAt'>,
  ): Promise<void> {
    await tx.update(ErasureRow, { id, leasedBy: leasedBy ?? '' }, { ...changes, leasedBy: null });
  }

  async all(tx: Transaction): Promise<Pick<ErasureRow, 'organization' | 'digest'>[]> {
    return tx.find(ErasureRow, { select: { organization: true, digest: true } });
  }
}

/** Identifies an address within an organization. */
export function erasureDigest(organization: string, address: string): string {
  return hash('sha256', `${organization} ${canonicalAddress(address)}`);
}

/** How long an instance may not notice an erasure that another one has made. */
const MAX_AGE_MS = 60_000;
/** So long after the request, no instance stores the address any longer, not even from a webhook request that it had already read. */
export const NOTICED_MS = 2 * MAX_AGE_MS;
const LOCAL_LENGTH = 80;
const DOMAIN_LENGTH = 255;
const AT = /@|%40|\\u0040/gi;
const NOT_LOCAL = /[^\p{L}\p{N}._+~-]/u;
const NOT_DOMAIN = /[^\p{L}\p{N}.-]/u;
/** The end of an escape, whose beginning an address cannot contain: `\n`, `\u003c`, `%3C`. */
const ESCAPE_END = /^(?:u[0-9a-f]{4}|[0-9a-f]{2}|[bfnrt])/i;

/** Recognizes erased addresses in webhook requests before they are stored. */
@Injectable()
export class ErasedRecipients {
  private digests: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  private loadedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly erasures: ErasuresRepository,
  ) {}

  /** Makes the next request load them again. */
  refresh(): void {
    this.loadedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * What is to be removed from a request; undefined in the usual case that nothing is.
   * @throws DatabaseUnavailableError
   */
  async redactionFor(
    organization: string,
    items: readonly ParsedEvent[],
    body: Uint8Array,
  ): Promise<AddressRedaction | undefined> {
    const digests = (await this.load()).get(organization);
    if (digests === undefined) return undefined;
    const candidates = new Set<string>();
    for (const item of items) if (item.ok && item.event.recipient !== undefined) candidates.add(item.event.recipient);
    const { buffer, byteOffset, length } = body;
    for (const address of addressesIn(Buffer.from(buffer, byteOffset, length).toString())) candidates.add(address);
    const redactions = [...candidates]
      .filter((address) => digests.has(erasureDigest(organization, address)))
      .map((address) => addressRedaction(address));
    if (redactions.length === 0) return undefined;
    return {
      bytes: (bytes) => redactions.reduce((rest, redaction) => redaction.bytes(rest), bytes),
      text: (text) => redactions.reduce((rest, redaction) => redaction.text(rest), text),
    };
  }

  private async load(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    if (performance.now() - this.loadedAt < MAX_AGE_MS) return this.digests;
    const begun = performance.now();
    const rows = await this.unitOfWork.read((tx) => this.erasures.all(tx), { lane: 'ingest' });
    const digests = new Map<string, Set<string>>();
    for (const { organization, digest } of rows) {
      digests.set(organization, (digests.get(organization) ?? new Set()).add(digest));
    }
    [this.digests, this.loadedAt] = [digests, begun];
    return digests;
  }
}

/** What looks like an address. The time is linear in the length of the text. */
function* addressesIn(text: string): Generator<string, undefined> {
  for (const { 0: at, index } of text.matchAll(AT)) {
    const local =
      text
        .slice(Math.max(0, index - LOCAL_LENGTH), index)
        .split(NOT_LOCAL)
        .at(-1) ?? '';
    const after = index + at.length;
    const domain = (text.slice(after, after + DOMAIN_LENGTH).split(NOT_DOMAIN)[0] ?? '').replace(/\.$/, '');
    if (local === '' || domain === '') continue;
    yield `${local}@${domain}`;
    const unescaped = local.replace(ESCAPE_END, '');
    if (unescaped !== local && unescaped !== '') yield `${unescaped}@${domain}`;
  }
}

/** The items without recipients that are to be removed. Their deduplication keys stay, so that repetitions are recognized. */
export function withoutRecipients(items: readonly ParsedEvent[], redaction: AddressRedaction): readonly ParsedEvent[] {
  return items.map((item) => {
    if (!item.ok) return { ...item, reason: redaction.text(item.reason) };
    const { recipient, ...event } = item.event;
    if (recipient === undefined || redaction.text(recipient) === recipient) return item;
    return { ...item, event };
  });
}

import { hash } from 'node:crypto';
import { canonicalAddress, type ParsedEvent } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { addressRedaction, type AddressRedaction } from './address-redaction.ts';

/** A recipient whose address was erased. The address itself is not stored. */
export class ErasureRow {
  id!: string;
  organization!: string;
  /** SHA-256 of the organization and the address, in hexadecimal. Unique within an organization. */
  digest!: string;
  requestedAt!: Date;
  /** When the last run has ended; null if none has. */
  completedAt!: Date | null;
}

export function erasureSchema(dialect: Dialect): EntitySchema<ErasureRow> {
  const { key, time } = columnKinds(dialect);
  return new EntitySchema<ErasureRow>({
    name: 'erasure',
    target: ErasureRow,
    tableName: 'erasures',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_erasures' },
      organization: { ...key, length: 64 },
      digest: { ...key, length: 64 },
      requestedAt: { name: 'requested_at', ...time },
      completedAt: { name: 'completed_at', ...time, nullable: true },
    },
    indices: [{ name: 'uq_erasures_digest', columns: ['organization', 'digest'], unique: true }],
  });
}

/** The table `erasures`. */
@Injectable()
export class ErasuresRepository {
  /** @returns the erasure of this address, which may have been requested before */
  async request(tx: Transaction, organization: string, address: string): Promise<ErasureRow> {
    const digest = erasureDigest(organization, address);
    const known = await tx.findOneBy(ErasureRow, { organization, digest });
    if (known !== null) return known;
    const row = { id: uuid(), organization, digest, requestedAt: new Date(), completedAt: null };
    await tx.insert(ErasureRow, row);
    return row;
  }

  async complete(tx: Transaction, id: string): Promise<void> {
    await tx.update(ErasureRow, { id }, { completedAt: new Date() });
  }

  async all(tx: Transaction): Promise<Pick<ErasureRow, 'organization' | 'digest'>[]> {
    return tx.find(ErasureRow, { select: { organization: true, digest: true } });
  }
}

function erasureDigest(organization: string, address: string): string {
  return hash('sha256', `${organization} ${canonicalAddress(address)}`);
}

/** How long an instance may not notice an erasure that another one has made. */
const MAX_AGE_MS = 60_000;
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

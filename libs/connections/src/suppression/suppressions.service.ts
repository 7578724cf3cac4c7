import { emailAddressProblem } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { BatchedLookups } from '../database/batched-lookups.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { storedAddress } from '../events/event-record.ts';
import { checkedNumber, decodeNumberCursor, encodeNumberCursor, type Page, PAGE_LIMITS } from '../input/paging.ts';
import { csvLine, readAddresses } from './suppression-csv.ts';
import { AddSuppressionInput, CheckSuppressionsInput, readInput } from './suppression-input.ts';
import { type AddedReason, type SuppressionReason, withoutSuppression } from './suppression-rules.ts';
import {
  type NewSuppression,
  suppressionDigest,
  SuppressionsRepository,
  type SuppressionRow,
} from './suppressions.repository.ts';

/** An address that the organization does not send to. */
export interface Suppression {
  readonly id: string;
  /** In lower case, with the domain as A-labels; null after it was erased. */
  readonly address: string | null;
  readonly reason: SuppressionReason;
  /** The event that caused it; null if someone has added the address. */
  readonly eventId: string | null;
  /** The connection of the event. */
  readonly connectionId: string | null;
  /** When the event occurred. */
  readonly occurredAt: Date | null;
  /** Who has added the address, such as `user:42`; null if only events have suppressed it. */
  readonly addedBy: string | null;
  readonly note: string | null;
  /** When the address was suppressed. */
  readonly createdAt: Date;
}

export interface SuppressionQuery {
  readonly reason?: SuppressionReason | undefined;
  /** One address, in any spelling. */
  readonly address?: string | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

export interface AddedSuppression {
  readonly suppression: Suppression;
  /** False if the address was suppressed before. */
  readonly created: boolean;
}

export interface CheckedAddress {
  /** As it was given. */
  readonly address: string;
  /** Null if it is not suppressed. */
  readonly reason: SuppressionReason | null;
}

/** A line of an imported file whose address is not valid. */
export interface InvalidLine {
  /** From 1. */
  readonly line: number;
  /** What is wrong and what to do. */
  readonly reason: string;
}

/** What an import has done. */
export interface SuppressionImport {
  readonly added: number;
  /** Addresses that were suppressed before, or are in the file more than once. */
  readonly alreadySuppressed: number;
  readonly invalid: number;
  /** The first 100 of the invalid lines. */
  readonly invalidLines: readonly InvalidLine[];
}

/** The organization does not suppress this address. */
export class SuppressionNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('The address is not suppressed. Check its spelling.');
  }
}

const CURSOR_KIND = 'suppression';
const LOOKUPS = { concurrent: 2, keys: 1_000 } as const;
const ROWS_PER_TRANSACTION = 1_000;
const ROWS_PER_PAGE = 1_000;
const MAX_INVALID_LINES = 100;
const TOO_LONG = 'The line is too long, or a quote is not closed. Correct the file and import it again.';
const MISSING = 'The column of email addresses is empty. Enter an address or remove the line.';
const EXPORTED = ['email', 'reason', 'created_at', 'occurred_at', 'connection_id', 'event_id', 'note'] as const;

/** The cursor of the list of suppressions. @throws InvalidQueryError */
export function decodeSuppressionCursor(cursor: string): number {
  return decodeNumberCursor(CURSOR_KIND, cursor);
}

/**
 * The addresses that an organization does not send to. Events add addresses by themselves: see `SuppressionProjection`.
 * Addresses are compared in lower case and with the domain as A-labels.
 */
@Injectable()
export class SuppressionsService {
  /** Shared by the messages that are sent at the same time. */
  private readonly lookups = new BatchedLookups<SuppressionReason>(
    (digests) => this.unitOfWork.read((tx) => this.suppressions.reasons(tx, digests)),
    LOOKUPS,
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly suppressions: SuppressionsRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** Newest first. @throws InvalidQueryError for an invalid cursor or limit. */
  async list({ organization }: Caller, query: SuppressionQuery = {}): Promise<Page<Suppression>> {
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = query.cursor === undefined ? undefined : decodeSuppressionCursor(query.cursor);
    const { address, reason } = query;
    if (address !== undefined) {
      const row = await this.unitOfWork.read((tx) =>
        this.suppressions.find(tx, suppressionDigest(organization, address)),
      );
      const isListed = row !== null && (reason ?? row.reason) === row.reason && row.id < (before ?? Infinity);
      return { data: isListed ? [toSuppression(row)] : [], nextCursor: null };
    }
    const scan = { organization, reason, before, limit: limit + 1 };
    const rows = await this.unitOfWork.read((tx) => this.suppressions.list(tx, scan));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? encodeNumberCursor(CURSOR_KIND, last.id) : null;
    return { data: page.map(toSuppression), nextCursor };
  }

  /**
   * Suppresses an address. If it is suppressed already, only that someone has added it is recorded.
   * @param input validated here, from any source
   * @throws InvalidInputError
   */
  async add(caller: Caller, input: AddSuppressionInput): Promise<AddedSuppression> {
    const { address, note } = readInput(AddSuppressionInput, input);
    const row = addedRow(caller, address, 'manual', note ?? null);
    const digest = row.digest.toString('hex');
    return this.unitOfWork.write(async (tx) => {
      const added = await this.suppressions.add(tx, [row], this.unitOfWork.statementLimits);
      const stored = (await this.suppressions.find(tx, digest)) as SuppressionRow;
      await this.audit.record(tx, caller, 'suppression.add', String(stored.id), [`digest/${digest}`]);
      return { suppression: toSuppression(stored), created: added.has(digest) };
    });
  }

  /**
   * Removes a suppression. Events that were known before no longer count; a later one suppresses the address again.
   * @param address in any spelling
   * @throws SuppressionNotFoundError
   */
  async remove(caller: Caller, address: string): Promise<void> {
    const digest = suppressionDigest(caller.organization, address);
    const { statementLimits } = this.unitOfWork;
    await this.unitOfWork.write(async (tx) => {
      // First, so that an event that is being applied is either removed with the suppression or counts afterwards.
      const states = await this.suppressions.lockStates(tx, [digest], statementLimits);
      const row = await this.suppressions.find(tx, digest);
      if (row === null || !(await this.suppressions.remove(tx, row.id))) throw new SuppressionNotFoundError();
      for (const [key, state] of states) states.set(key, withoutSuppression(state));
      await this.suppressions.saveStates(tx, states, statementLimits);
      await this.audit.record(tx, caller, 'suppression.remove', String(row.id), removedFields(row, digest));
    });
  }

  /** In the order of the addresses. @throws InvalidInputError */
  async check({ organization }: Caller, input: CheckSuppressionsInput): Promise<CheckedAddress[]> {
    const { addresses } = readInput(CheckSuppressionsInput, input);
    const reasons = await this.reasonsOf(organization, addresses);
    return addresses.map((address) => ({ address, reason: reasons.get(address) ?? null }));
  }

  /** The suppressed ones among these addresses, with the reason. */
  async reasonsOf(organization: string, addresses: readonly string[]): Promise<ReadonlyMap<string, SuppressionReason>> {
    const reasons = new Map<string, SuppressionReason>();
    const look = async (address: string): Promise<void> => {
      const reason = await this.lookups.find(suppressionDigest(organization, address));
      if (reason !== undefined) reasons.set(address, reason);
    };
    await Promise.all([...new Set(addresses)].map(look));
    return reasons;
  }

  /**
   * Suppresses the addresses of a CSV file while it arrives: see `readAddresses`. An import that ends early, such as with an
   * error of the stream, has imported what it has read; it can be repeated.
   */
  async import(caller: Caller, csv: AsyncIterable<Uint8Array>): Promise<SuppressionImport> {
    const report = { added: 0, alreadySuppressed: 0, invalid: 0, invalidLines: [] as InvalidLine[] };
    try {
      let batch: string[] = [];
      for await (const addresses of readAddresses(csv)) {
        for (const { line, text } of addresses) {
          const reason = text === undefined ? TOO_LONG : text === '' ? MISSING : emailAddressProblem(text);
          if (reason === undefined) {
            batch.push(text as string);
          } else {
            report.invalid++;
            if (report.invalidLines.length < MAX_INVALID_LINES) report.invalidLines.push({ line, reason });
          }
          if (batch.length < ROWS_PER_TRANSACTION) continue;
          await this.importBatch(caller, batch, report);
          batch = [];
        }
      }
      if (batch.length > 0) await this.importBatch(caller, batch, report);
      return report;
    } finally {
      const { added, alreadySuppressed, invalid } = report;
      const fields = Object.entries({ added, alreadySuppressed, invalid }).map((entry) => entry.join('/'));
      await this.unitOfWork.write((tx) => this.audit.record(tx, caller, 'suppression.import', uuid(), fields));
    }
  }

  /**
   * All suppressions as CSV in UTF-8, the oldest first, page by page. The first line has the names of the columns: `email`, `reason`,
   * `created_at`, `occurred_at`, `connection_id`, `event_id`, `note`. Erased addresses are left out.
   */
  async *export({ organization }: Caller): AsyncGenerator<string, undefined> {
    yield csvLine(EXPORTED);
    for (let after = 0; ;) {
      const from = after;
      const rows = await this.unitOfWork.read((tx) => this.suppressions.next(tx, organization, from, ROWS_PER_PAGE), {
        lane: 'query',
        turn: organization,
      });
      const text = rows.map((row) => (row.address === null ? '' : csvLine(exportedFields(row)))).join('');
      if (text !== '') yield text;
      after = rows.at(-1)?.id ?? after;
      if (rows.length < ROWS_PER_PAGE) return;
    }
  }

  private async importBatch(
    caller: Caller,
    addresses: readonly string[],
    report: { added: number; alreadySuppressed: number },
  ): Promise<void> {
    const rows = new Map<string, NewSuppression>();
    for (const address of addresses) {
      const row = addedRow(caller, address, 'list_import', null);
      rows.set(row.digest.toString('hex'), row);
    }
    const limits = this.unitOfWork.statementLimits;
    // Not in the lane of the API: a long import must not keep other requests waiting.
    const options = { lane: 'query', turn: caller.organization } as const;
    const added = await this.unitOfWork.write((tx) => this.suppressions.add(tx, [...rows.values()], limits), options);
    report.added += added.size;
    report.alreadySuppressed += addresses.length - added.size;
  }
}

function addedRow(
  { organization, actor }: Caller,
  address: string,
  addedReason: AddedReason,
  note: string | null,
): NewSuppression {
  return {
    digest: Buffer.from(suppressionDigest(organization, address), 'hex'),
    organization,
    address: storedAddress(address),
    reason: addedReason,
    eventId: null,
    connectionId: null,
    occurredAt: null,
    addedReason,
    addedBy: actor,
    note,
    createdAt: new Date(),
  };
}

/** What was removed. It has the digest of the address, because the audit must not contain the address. */
function removedFields({ reason, eventId, connectionId }: SuppressionRow, digest: string): string[] {
  return [
    `reason/${reason}`,
    `digest/${digest}`,
    ...(eventId === null ? [] : [`event/${String(eventId)}`]),
    ...(connectionId === null ? [] : [`connection/${connectionId}`]),
  ];
}

function exportedFields(row: SuppressionRow): (string | null)[] {
  const { address, reason, createdAt, occurredAt, connectionId, eventId, note } = row;
  return [
    address,
    reason,
    createdAt.toISOString(),
    occurredAt?.toISOString() ?? null,
    connectionId,
    eventId === null ? null : String(eventId),
    note,
  ];
}

function toSuppression(row: SuppressionRow): Suppression {
  const { id, address, reason, eventId, connectionId, occurredAt, addedBy, note, createdAt } = row;
  return {
    id: String(id),
    address,
    reason,
    eventId: eventId === null ? null : String(eventId),
    connectionId,
    occurredAt,
    addedBy,
    note,
    createdAt,
  };
}

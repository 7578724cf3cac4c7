import { setImmediate as turn } from 'node:timers/promises';
import { gunzip, gzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { parseEmailAddress } from '@score-crm/adapter-kit';
import { Injectable, Logger } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionTestsRepository } from '../diagnosis/connection-tests.repository.ts';
import { UnsavedTests } from '../diagnosis/unsaved-tests.ts';
import { addressRedaction, type AddressRedaction } from '../events/address-redaction.ts';
import { ErasedRecipients, ErasuresRepository } from '../events/erasures.repository.ts';
import { compress, decompress, EventBatchesRepository } from '../events/event-batches.repository.ts';
import { legacySpellings, storedAddress } from '../events/event-record.ts';
import { batchOf, EventsRepository } from '../events/events.repository.ts';
import { type LegacyEventRow, LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';

export interface ErasureReport {
  readonly id: string;
  /** The number of events without a recipient from now on. */
  readonly events: number;
  /** The number of bodies from which the address was removed. */
  readonly bodies: number;
}

interface Target {
  readonly id: string;
  readonly number: number;
}

const ROWS_PER_STEP = 500;
const unzip: (bytes: Uint8Array) => Promise<Buffer> = promisify(gunzip);

/**
 * Removes the address of a recipient from the events of an organization, for data-protection requests. Each step can be
 * repeated: a run that was interrupted continues when it is called again. Texts are changed before the rows by which they are
 * found.
 */
@Injectable()
export class ErasureService {
  private readonly logger = new Logger(ErasureService.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly erasures: ErasuresRepository,
    private readonly erased: ErasedRecipients,
    private readonly events: EventsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly tests: ConnectionTestsRepository,
    private readonly unsavedTests: UnsavedTests,
    private readonly audit: AuditRepository,
  ) {}

  /** @throws InvalidInputError, DatabaseUnavailableError */
  async erase(caller: Caller, address: string): Promise<ErasureReport> {
    const { organization } = caller;
    if (parseEmailAddress(address.trim()) === undefined) {
      const message = 'Use a complete email address.';
      throw new InvalidInputError([{ pointer: '/recipient', code: 'invalid', message }]);
    }
    const { id } = await this.unitOfWork.write(async (tx) => {
      const row = await this.erasures.request(tx, organization, address);
      await this.audit.record(tx, caller, 'recipient.erase', row.id);
      return row;
    });
    // From here on, this instance stores no request with the address.
    this.erased.refresh();
    const redaction = addressRedaction(address);
    const targets = await this.unitOfWork.read((tx) => this.connections.ofOrganization(tx, organization));
    let [events, bodies] = [0, 0];
    for (const target of targets) {
      bodies += await this.eraseRejected(target, redaction);
      const erased = await this.eraseEvents(target, address, redaction);
      const legacy = await this.eraseLegacy(target, address, redaction);
      events += erased.events + legacy.events;
      bodies += erased.bodies + legacy.bodies;
      await this.unitOfWork.write((tx) => this.tests.redact(tx, target.id, (text) => redaction.text(text)));
    }
    await this.unitOfWork.write((tx) => this.unsavedTests.deleteAll(tx, organization));
    await this.unitOfWork.write((tx) => this.erasures.complete(tx, id));
    this.logger.log(`Erasure ${id}: events ${String(events)}, bodies ${String(bodies)}`);
    return { id, events, bodies };
  }

  /** Until no event of the recipient is left. */
  private async eraseEvents(
    { number }: Target,
    address: string,
    redaction: AddressRedaction,
  ): Promise<{ events: number; bodies: number }> {
    const recipient = storedAddress(address);
    let [events, bodies] = [0, 0];
    for (;;) {
      const read = (tx: Transaction): Promise<number[]> =>
        this.events.idsOfRecipient(tx, number, recipient, ROWS_PER_STEP);
      const ids = await this.unitOfWork.read(read, { lane: 'query' });
      if (ids.length === 0) return { events, bodies };
      for (const batch of new Set(ids.map(batchOf))) {
        bodies += await this.eraseBatch(number, batch, redaction);
      }
      await this.unitOfWork.write((tx) => this.events.clearRecipients(tx, ids));
      events += ids.length;
    }
  }

  /** Deliveries with items that could not be read, which may contain the address without an event that leads there. */
  private async eraseRejected({ number }: Target, redaction: AddressRedaction): Promise<number> {
    let bodies = 0;
    let after = -1;
    for (;;) {
      const from = after;
      const ids = await this.unitOfWork.read((tx) => this.batches.idsWithRejected(tx, number, from, ROWS_PER_STEP), {
        lane: 'query',
      });
      for (const id of ids) bodies += await this.eraseBatch(number, id, redaction);
      after = ids.at(-1) ?? after;
      if (ids.length < ROWS_PER_STEP) return bodies;
    }
  }

  /** @returns 1 if the body contained the address */
  private async eraseBatch(connection: number, batch: number, redaction: AddressRedaction): Promise<number> {
    // Items beyond the first 65,536 of a batch have the numbers of batches that do not exist.
    const row = await this.unitOfWork.read((tx) => this.batches.findLast(tx, connection, batch));
    if (row === null) return 0;
    const stored = await this.unitOfWork.read((tx) => this.batches.body(tx, row.id));
    const body = stored === null ? null : await decompress(stored);
    const redacted = body === null ? null : redaction.bytes(body);
    const isChanged = redacted !== null && redacted !== body;
    const compressed = isChanged ? await compress(redacted) : undefined;
    const limits = this.unitOfWork.statementLimits;
    await this.unitOfWork.write(async (tx: Transaction) => {
      await this.batches.redact(tx, row, (text) => redaction.text(text));
      // A retention or a purge may have deleted it.
      if (compressed !== undefined && (await this.batches.dropBody(tx, row.id))) {
        await this.batches.insertBody(tx, row.id, compressed, limits);
      }
    });
    await turn();
    return isChanged ? 1 : 0;
  }

  private async eraseLegacy(
    { id: connectionId }: Target,
    address: string,
    redaction: AddressRedaction,
  ): Promise<{ events: number; bodies: number }> {
    const spellings = legacySpellings(address);
    let [events, bodies] = [0, 0];
    for (;;) {
      const read = (tx: Transaction): Promise<LegacyEventRow[]> =>
        this.legacy.ofRecipient(tx, connectionId, spellings, ROWS_PER_STEP);
      const rows = await this.unitOfWork.read(read, { lane: 'query' });
      if (rows.length === 0) return { events, bodies };
      for (const requestId of new Set(rows.map((row) => row.requestId))) {
        const request = await this.unitOfWork.read((tx) => this.legacy.request(tx, connectionId, requestId));
        if (request === null || request.body === null) continue;
        const body = await unzip(request.body);
        const redacted = redaction.bytes(body);
        if (redacted === body) continue;
        const compressed = gzipSync(redacted);
        await this.unitOfWork.write((tx) => this.legacy.replaceBody(tx, request, compressed));
        bodies++;
        await turn();
      }
      await this.unitOfWork.write((tx) => this.legacy.redactEvents(tx, rows, (text) => redaction.text(text)));
      events += rows.length;
    }
  }
}

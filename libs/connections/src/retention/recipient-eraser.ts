import { setImmediate as turn } from 'node:timers/promises';
import { gunzip, gzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionTestsRepository } from '../diagnosis/connection-tests.repository.ts';
import { UnsavedTests } from '../diagnosis/unsaved-tests.ts';
import { addressRedaction, type AddressRedaction } from '../events/address-redaction.ts';
import type { ErasureCounts } from '../events/erasures.repository.ts';
import { compress, decompress, EventBatchesRepository } from '../events/event-batches.repository.ts';
import { legacySpellings, storedAddress } from '../events/event-record.ts';
import { batchOf, EventsRepository } from '../events/events.repository.ts';
import { type LegacyEventRow, LegacyEventsRepository } from '../events/legacy-events.repository.ts';
import { WebhookAttemptsRepository } from '../outgoing/webhook-attempts.repository.ts';
import { suppressionDigest, SuppressionsRepository } from '../suppression/suppressions.repository.ts';

/** Called in each transaction that changes something, with the numbers of changed rows. An error ends the erasure. */
export type ErasureProgress = (tx: Transaction, counts: Partial<ErasureCounts>) => Promise<void>;

interface Target {
  readonly id: string;
  readonly number: number;
}

const ROWS_PER_STEP = 500;
const unzip: (bytes: Uint8Array) => Promise<Buffer> = promisify(gunzip);

/**
 * Removes the address of a recipient from what an organization has stored, in small steps. Each step can be repeated. Texts are
 * changed before the rows by which they are found.
 */
@Injectable()
export class RecipientEraser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly events: EventsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly tests: ConnectionTestsRepository,
    private readonly unsavedTests: UnsavedTests,
    private readonly attempts: WebhookAttemptsRepository,
    private readonly suppressions: SuppressionsRepository,
  ) {}

  /** @throws DatabaseUnavailableError, and what `progress` throws */
  async erase(organization: string, address: string, progress: ErasureProgress): Promise<void> {
    const redaction = addressRedaction(address);
    const targets = await this.unitOfWork.read((tx) => this.connections.ofOrganization(tx, organization));
    for (const target of targets) {
      await this.eraseRejected(target, redaction, progress);
      await this.eraseEvents(target, address, redaction, progress);
      await this.eraseLegacy(target, address, redaction, progress);
      await this.unitOfWork.write(async (tx) => {
        const tests = await this.tests.redact(tx, target.id, (text) => redaction.text(text));
        await progress(tx, { tests });
      });
    }
    await this.unitOfWork.write(async (tx) => {
      // The suppression itself stays, by its digest: the person must not receive messages again.
      await this.suppressions.eraseAddress(tx, suppressionDigest(organization, address));
      await progress(tx, {});
    });
    await this.unitOfWork.write(async (tx) => {
      await progress(tx, { tests: await this.unsavedTests.deleteAll(tx, organization) });
    });
    await this.eraseResponses(organization, redaction, progress);
  }

  /** Outgoing webhooks store no events, but an endpoint may repeat them in its response. */
  private async eraseResponses(
    organization: string,
    redaction: AddressRedaction,
    progress: ErasureProgress,
  ): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined;) {
      const from: string = after;
      const read = (tx: Transaction): ReturnType<WebhookAttemptsRepository['nextWithResponse']> =>
        this.attempts.nextWithResponse(tx, organization, from, ROWS_PER_STEP);
      const rows = await this.unitOfWork.read(read, { lane: 'query' });
      const changed = rows.flatMap(({ id, response }) => {
        const redacted = redaction.text(response ?? '');
        return redacted === response ? [] : [{ id, response: redacted }];
      });
      if (changed.length > 0) {
        await this.unitOfWork.write(async (tx) => {
          for (const { id, response } of changed) await this.attempts.replaceResponse(tx, id, response);
          await progress(tx, {});
        });
      }
      after = rows.length === ROWS_PER_STEP ? rows.at(-1)?.id : undefined;
      await turn();
    }
  }

  /** Until no event of the recipient is left. */
  private async eraseEvents(
    { number }: Target,
    address: string,
    redaction: AddressRedaction,
    progress: ErasureProgress,
  ): Promise<void> {
    const recipient = storedAddress(address);
    for (;;) {
      const read = (tx: Transaction): Promise<number[]> =>
        this.events.idsOfRecipient(tx, number, recipient, ROWS_PER_STEP);
      const ids = await this.unitOfWork.read(read, { lane: 'query' });
      if (ids.length === 0) return;
      for (const batch of new Set(ids.map(batchOf))) await this.eraseBatch(number, batch, redaction, progress);
      await this.unitOfWork.write(async (tx) => {
        await this.events.clearRecipients(tx, ids);
        await progress(tx, { events: ids.length });
      });
    }
  }

  /** Deliveries with items that could not be read, which may contain the address without an event that leads there. */
  private async eraseRejected(
    { number }: Target,
    redaction: AddressRedaction,
    progress: ErasureProgress,
  ): Promise<void> {
    let after = -1;
    for (;;) {
      const from = after;
      const ids = await this.unitOfWork.read((tx) => this.batches.idsWithRejected(tx, number, from, ROWS_PER_STEP), {
        lane: 'query',
      });
      for (const id of ids) await this.eraseBatch(number, id, redaction, progress);
      after = ids.at(-1) ?? after;
      if (ids.length < ROWS_PER_STEP) return;
    }
  }

  private async eraseBatch(
    connection: number,
    batch: number,
    redaction: AddressRedaction,
    progress: ErasureProgress,
  ): Promise<void> {
    // Items beyond the first 65,536 of a batch have the numbers of batches that do not exist.
    const row = await this.unitOfWork.read((tx) => this.batches.findLast(tx, connection, batch));
    if (row === null) return;
    const stored = await this.unitOfWork.read((tx) => this.batches.body(tx, row.id));
    const body = stored === null ? null : await decompress(stored);
    const redacted = body === null ? null : redaction.bytes(body);
    const isChanged = redacted !== null && redacted !== body;
    const compressed = isChanged ? await compress(redacted) : undefined;
    const limits = this.unitOfWork.statementLimits;
    await this.unitOfWork.write(async (tx: Transaction) => {
      const deliveries = (await this.batches.redact(tx, row, (text) => redaction.text(text))) ? 1 : 0;
      // A retention or a purge may have deleted it.
      const isStored = compressed !== undefined && (await this.batches.dropBody(tx, row.id));
      if (isStored) await this.batches.insertBody(tx, row.id, compressed, limits);
      await progress(tx, { deliveries, bodies: isStored ? 1 : 0 });
    });
    await turn();
  }

  private async eraseLegacy(
    { id: connectionId }: Target,
    address: string,
    redaction: AddressRedaction,
    progress: ErasureProgress,
  ): Promise<void> {
    const spellings = legacySpellings(address);
    for (;;) {
      const read = (tx: Transaction): Promise<LegacyEventRow[]> =>
        this.legacy.ofRecipient(tx, connectionId, spellings, ROWS_PER_STEP);
      const rows = await this.unitOfWork.read(read, { lane: 'query' });
      if (rows.length === 0) return;
      for (const requestId of new Set(rows.map((row) => row.requestId))) {
        const request = await this.unitOfWork.read((tx) => this.legacy.request(tx, connectionId, requestId));
        if (request === null || request.body === null) continue;
        const body = await unzip(request.body);
        const redacted = redaction.bytes(body);
        if (redacted === body) continue;
        const compressed = gzipSync(redacted);
        await this.unitOfWork.write(async (tx) => {
          await this.legacy.replaceBody(tx, request, compressed);
          await progress(tx, { bodies: 1 });
        });
        await turn();
      }
      await this.unitOfWork.write(async (tx) => {
        await this.legacy.redactEvents(tx, rows, (text) => redaction.text(text));
        await progress(tx, { events: rows.length });
      });
    }
  }
}

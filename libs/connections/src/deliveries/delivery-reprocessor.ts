import { Injectable, Logger } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import {
  decompress,
  EventBatchesRepository,
  type EventBatchRow,
  REASON_LENGTH,
  storedRequest,
} from '../events/event-batches.repository.ts';
import { cutText } from '../events/event-record.ts';
import { EventWriter } from '../events/event-writer.ts';
import { batchIdsFor, type NewEvent } from '../events/events.repository.ts';
import { SHOWN_REJECTIONS, WebhookIngest } from '../webhooks/webhook-ingest.ts';
import type { Outcome } from './reprocessing-jobs.repository.ts';

/** What is to be stored of a delivery. */
interface Plan {
  readonly result: Outcome['result'];
  readonly changes: Partial<EventBatchRow>;
  readonly events: readonly NewEvent[];
}

const SKIPPED: Plan = { result: 'skipped', changes: {}, events: [] };

/** Processes stored deliveries again, with the current version of the adapter and the current settings. */
@Injectable()
export class DeliveryReprocessor {
  private readonly logger = new Logger(DeliveryReprocessor.name);

  constructor(
    private readonly registry: AdapterRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: EventBatchesRepository,
    private readonly writer: EventWriter,
    private readonly ingest: WebhookIngest,
  ) {}

  /**
   * @param begin runs first in the transaction that stores the result; it ends the transaction with an error
   * @param end runs last in it
   * @throws DatabaseUnavailableError, DatabaseOverloadedError, or what `begin` throws
   */
  async process(
    connection: ConnectionRow,
    id: number,
    begin: (tx: Transaction) => Promise<void>,
    end: (tx: Transaction, outcome: Outcome) => Promise<void>,
  ): Promise<void> {
    const { row, body } = await this.unitOfWork.read(async (tx) => ({
      row: await this.batches.findOne(tx, connection.number, id),
      body: await this.batches.body(tx, id),
    }));
    const plan = row === null || body === null ? SKIPPED : await this.attempt(connection, row, body);
    await this.unitOfWork.write(
      async (tx) => {
        await begin(tx);
        const isUnchanged = row !== null && (await this.batches.lock(tx, row));
        await end(tx, isUnchanged ? await this.store(tx, connection, row, plan) : { result: 'skipped', events: 0 });
      },
      { turn: connection.organization },
    );
  }

  private async attempt(connection: ConnectionRow, row: EventBatchRow, body: Buffer): Promise<Plan> {
    try {
      return await this.plan(connection, row, await decompress(body));
    } catch (error) {
      if (error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError) throw error;
      const name = error instanceof Error ? error.name : typeof error;
      this.logger.warn(
        `Delivery ${String(row.id)} of connection ${connection.id} could not be processed again: ${name}`,
      );
      return { ...SKIPPED, result: 'failed' };
    }
  }

  private async plan(connection: ConnectionRow, row: EventBatchRow, body: Buffer): Promise<Plan> {
    const receiver = this.registry.find(connection.vendor)?.adapter.webhooks;
    const isDone = row.status === 'sent' || (row.status === 'accepted' && row.rejected === 0);
    if (receiver === undefined || isDone) return SKIPPED;
    if (row.status === 'unauthenticated') {
      // Only a whole request can be authenticated.
      if (row.headers === null || row.size !== body.length) return SKIPPED;
      const request = { headers: row.headers, query: {}, body };
      const verdict = await this.ingest.authenticate({ connection, receiver }, request);
      if (verdict !== 'verified') return { result: 'failed', changes: { reason: verdict }, events: [] };
    }
    const request = storedRequest(row.contentType, row.parameters, body);
    const { events, rejected, fault, items } = await this.ingest.parse(
      { connection, receiver },
      request,
      row.receivedAt,
    );
    const rejections = rejected.length === 0 ? null : rejected.slice(0, SHOWN_REJECTIONS);
    const counts = { rejected: rejected.length, rejections, headers: null };
    const reserved = batchIdsFor(row.accepted + row.duplicates + row.rejected);
    if (fault !== undefined || batchIdsFor(items) > reserved) {
      const reason = cutText(fault ?? 'The request has more items than its ID has room for.', REASON_LENGTH);
      return { result: 'failed', changes: { ...counts, status: 'rejected', reason }, events: [] };
    }
    return { result: 'accepted', changes: { ...counts, status: 'accepted', reason: null }, events: [...events] };
  }

  private async store(
    tx: Transaction,
    connection: ConnectionRow,
    row: EventBatchRow,
    { result, changes, events }: Plan,
  ): Promise<Outcome> {
    if (result !== 'accepted') {
      if (Object.keys(changes).length > 0) await this.batches.update(tx, row.id, changes);
      return { result, events: 0 };
    }
    const { stored, added } = await this.writer.writeInto(tx, connection, row.id, events);
    const counts = { accepted: stored, duplicates: events.length - stored };
    await this.batches.update(tx, row.id, { ...changes, ...counts });
    return { result, events: added };
  }
}

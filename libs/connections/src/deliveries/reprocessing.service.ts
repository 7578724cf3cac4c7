import { InputField, checkInput, type FieldError } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, IsOptional, Matches } from 'class-validator';
import { v7 as uuid } from 'uuid';
import { type AuditAction, AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { ConnectionLoader } from '../connections/connection-loader.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import {
  type ReprocessingJobRow,
  ReprocessingJobsRepository,
  type ReprocessingState,
} from './reprocessing-jobs.repository.ts';
import { ReprocessingRunner } from './reprocessing-runner.ts';

const MAX_IDS = 1_000;
const MAX_ID_LENGTH = 16;
const LISTED_JOBS = 20;

/** Which deliveries to process again: those with these ids, or those received in a time. */
export class ReprocessInput {
  @InputField({
    label: 'IDs',
    help: 'IDs of deliveries, up to 1,000. Without them, `from` and `to` are required.',
    example: ['4711'],
    items: 'string',
  })
  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_IDS)
  @Matches(new RegExp(`^[1-9]\\d{0,${String(MAX_ID_LENGTH - 1)}}$`), {
    each: true,
    message: 'Use the IDs of deliveries.',
  })
  ids?: readonly string[];

  @InputField({ label: 'From', help: 'Earliest time of receipt.', type: 'time', example: '2026-01-31T08:00:00Z' })
  @IsOptional()
  from?: Date | string;

  @InputField({ label: 'To', help: 'Latest time of receipt.', type: 'time', example: '2026-02-01T08:00:00Z' })
  @IsOptional()
  to?: Date | string;
}

/** A job that processes deliveries again. */
export interface ReprocessingJob {
  readonly id: string;
  readonly state: ReprocessingState;
  /** How many deliveries there are; null for a job by time. */
  readonly total: number | null;
  /** The times of a job by time; null for one by ids. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly processed: number;
  readonly accepted: number;
  readonly failed: number;
  /** How many events are new. */
  readonly events: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** The connection has no job with this id. */
export class ReprocessingJobNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Job not found. Check the ID.');
  }
}

/** Jobs that process rejected deliveries again, always within the caller's organization. */
@Injectable()
export class ReprocessingService {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: ReprocessingJobsRepository,
    private readonly audit: AuditRepository,
    private readonly runner: ReprocessingRunner,
  ) {}

  /**
   * Starts a job. It continues after a restart, on any instance.
   * @throws ConnectionNotFoundError, InvalidInputError
   */
  async create(caller: Caller, connectionId: string, input: ReprocessInput): Promise<ReprocessingJob> {
    const { id: connection } = await this.loader.row(caller.organization, connectionId);
    const selection = readSelection(input);
    const row: ReprocessingJobRow = {
      ...selection,
      id: uuid(),
      connectionId: connection,
      organization: caller.organization,
      state: 'pending',
      position: null,
      processed: 0,
      accepted: 0,
      failed: 0,
      events: 0,
      createdAt: new Date(),
      endedAt: null,
      leasedBy: null,
      leasedUntil: null,
    };
    await this.unitOfWork.write(async (tx) => {
      await this.jobs.deleteOld(tx, connection);
      await this.jobs.insert(tx, row);
      const fields = selection.ids === null ? ['from', 'to'] : ['ids'];
      await this.audit.record(tx, caller, 'delivery.reprocess', connection, fields);
    });
    this.runner.start();
    return toJob(row);
  }

  /** The last 20 jobs of a connection, newest first. @throws ConnectionNotFoundError */
  async list(caller: Caller, connectionId: string): Promise<readonly ReprocessingJob[]> {
    const { id } = await this.loader.row(caller.organization, connectionId);
    const rows = await this.unitOfWork.read((tx) => this.jobs.list(tx, id, LISTED_JOBS));
    return rows.map(toJob);
  }

  /** @throws ConnectionNotFoundError, ReprocessingJobNotFoundError */
  async get(caller: Caller, connectionId: string, jobId: string): Promise<ReprocessingJob> {
    const { id } = await this.loader.row(caller.organization, connectionId);
    const row = await this.unitOfWork.read((tx) => this.jobs.find(tx, id, jobId));
    if (row === null) throw new ReprocessingJobNotFoundError();
    return toJob(row);
  }

  /** Stops a job after the delivery in progress. One that has ended stays as it is. */
  async cancel(caller: Caller, connectionId: string, jobId: string): Promise<ReprocessingJob> {
    return this.change(caller, connectionId, jobId, 'delivery.reprocess_cancel', (tx) =>
      this.jobs.change(tx, jobId, ['pending', 'running'], {
        state: 'canceled',
        endedAt: new Date(),
        leasedBy: null,
        leasedUntil: null,
      }),
    );
  }

  /** Continues a canceled job where it stopped. */
  async resume(caller: Caller, connectionId: string, jobId: string): Promise<ReprocessingJob> {
    const job = await this.change(caller, connectionId, jobId, 'delivery.reprocess_resume', (tx) =>
      this.jobs.change(tx, jobId, ['canceled'], { state: 'pending', endedAt: null }),
    );
    this.runner.start();
    return job;
  }

  private async change(
    caller: Caller,
    connectionId: string,
    jobId: string,
    action: AuditAction,
    change: (tx: Transaction) => Promise<boolean>,
  ): Promise<ReprocessingJob> {
    const { id } = await this.loader.row(caller.organization, connectionId);
    return this.unitOfWork.write(async (tx) => {
      if ((await this.jobs.find(tx, id, jobId)) === null) throw new ReprocessingJobNotFoundError();
      if (await change(tx)) await this.audit.record(tx, caller, action, id);
      const row = await this.jobs.find(tx, id, jobId);
      if (row === null) throw new ReprocessingJobNotFoundError();
      return toJob(row);
    });
  }
}

/** @throws InvalidInputError */
function readSelection(input: ReprocessInput): Pick<ReprocessingJobRow, 'ids' | 'from' | 'to'> {
  const { errors, valid } = checkInput(ReprocessInput, input);
  const { ids, from, to } = valid as ReprocessInput;
  if (errors.length === 0) errors.push(...selectionErrors(ids, from, to));
  if (errors.length > 0) throw new InvalidInputError(errors);
  return {
    ids: ids === undefined ? null : [...new Set(ids)].map(Number).toSorted((a, b) => a - b),
    from: from === undefined ? null : new Date(from),
    to: to === undefined ? null : new Date(to),
  };
}

function selectionErrors(
  ids: ReprocessInput['ids'],
  from: ReprocessInput['from'],
  to: ReprocessInput['to'],
): FieldError[] {
  const hasTimes = from !== undefined && to !== undefined;
  if (ids === undefined ? !hasTimes : from !== undefined || to !== undefined) {
    return [{ pointer: '/ids', code: 'required', message: 'Give either `ids`, or `from` and `to`.' }];
  }
  if (hasTimes && new Date(from) > new Date(to)) {
    return [{ pointer: '/to', code: 'invalid', message: 'Give a time after `from`.' }];
  }
  return [];
}

function toJob(row: ReprocessingJobRow): ReprocessingJob {
  const { id, state, ids, from, to, processed, accepted, failed, events, createdAt, endedAt } = row;
  return { id, state, total: ids?.length ?? null, from, to, processed, accepted, failed, events, createdAt, endedAt };
}

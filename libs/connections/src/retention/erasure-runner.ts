import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { BackgroundWork } from '../database/background-work.ts';
import { JobLoop } from '../database/job-loop.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import {
  type ErasureCounts,
  ErasedRecipients,
  ErasureLostError,
  type ErasureRow,
  ErasuresRepository,
  NOTICED_MS,
} from '../events/erasures.repository.ts';
import { SecretCipher, type SecretOwner } from '../secrets/secret-cipher.ts';
import { RecipientEraser } from './recipient-eraser.ts';

/** The application stops: another instance continues. */
class StoppedError extends Error {}

const LEASE_MS = 60_000;
/** An erasure that has ended keeps no address. */
const ENDED = { recipient: null, dueAt: null } as const;

/**
 * Runs erasures, one at a time. Each is leased, so that one instance runs it; another continues it if this one stops. It runs
 * twice: until other instances notice an erasure, they may store the address again.
 */
@Injectable()
export class ErasureRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ErasureRunner.name);
  private readonly loop = new JobLoop(() => this.runAll());

  constructor(
    private readonly background: BackgroundWork,
    private readonly unitOfWork: UnitOfWork,
    private readonly erasures: ErasuresRepository,
    private readonly erased: ErasedRecipients,
    private readonly cipher: SecretCipher,
    private readonly eraser: RecipientEraser,
  ) {}

  onApplicationBootstrap(): void {
    this.background.begin(() => this.loop.begin());
  }

  /** Before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** Runs all erasures that are due. */
  start(): void {
    this.loop.start();
  }

  /** A new lease, for an erasure that its caller runs. An earlier one of this instance is lost, too. */
  lease(): { readonly leasedBy: string; readonly dueAt: Date } {
    return { leasedBy: uuid(), dueAt: leaseEnd() };
  }

  /**
   * Runs an erasure with its lease. The second pass follows later.
   * @throws DatabaseUnavailableError, DatabaseOverloadedError, ErasureLostError; after any other error it has failed
   */
  async run(row: ErasureRow): Promise<void> {
    const begun = Date.now();
    try {
      const { address = '' } = await this.cipher.decryptRow({ ...erasureOwner(row), secrets: row.recipient });
      // From here on, this instance stores no request with the address.
      this.erased.refresh();
      await this.eraser.erase(row.organization, address, (tx, counts) => this.advance(tx, row, counts));
      const noticedAt = row.requestedAt.getTime() + NOTICED_MS;
      if (begun < noticedAt) await this.release(row, { dueAt: new Date(noticedAt) });
      else await this.release(row, { ...ENDED, state: 'completed', completedAt: new Date() });
    } catch (error) {
      if (error instanceof StoppedError) {
        await this.release(row, { dueAt: new Date() });
        return;
      }
      // Otherwise the lease ends, and it continues.
      if (!isTemporary(error)) await this.release(row, { ...ENDED, state: 'failed' });
      throw error;
    }
  }

  private async runAll(): Promise<void> {
    try {
      for (let row = await this.next(); row !== null; row = await this.next()) await this.runNext(row);
    } catch (error) {
      this.logger.warn(`Erasing was interrupted and continues later: ${safeMessage(error)}`);
    }
  }

  private async next(): Promise<ErasureRow | null> {
    if (this.loop.isStopping) return null;
    const now = new Date();
    return this.unitOfWork.write((tx) => this.erasures.lease(tx, uuid(), now, leaseEnd()));
  }

  private async runNext(row: ErasureRow): Promise<void> {
    try {
      await this.run(row);
    } catch (error) {
      if (error instanceof ErasureLostError) return;
      if (isTemporary(error)) throw error;
      this.logger.error(`Erasure ${row.id} failed. Request it again. ${safeMessage(error)}`);
    }
  }

  private async advance(tx: Transaction, row: ErasureRow, counts: Partial<ErasureCounts>): Promise<void> {
    if (this.loop.isStopping) throw new StoppedError();
    await this.erasures.advance(tx, row, counts, leaseEnd());
  }

  private async release(row: ErasureRow, changes: Parameters<ErasuresRepository['release']>[2]): Promise<void> {
    await this.unitOfWork.write((tx) => this.erasures.release(tx, row, changes));
  }
}

/** What the encrypted address is bound to. */
export function erasureOwner({ organization, digest }: Pick<ErasureRow, 'organization' | 'digest'>): SecretOwner {
  return { id: digest, organization, vendor: 'erasure' };
}

function isTemporary(error: unknown): boolean {
  return [DatabaseUnavailableError, DatabaseOverloadedError, ErasureLostError].some((type) => error instanceof type);
}

function leaseEnd(): Date {
  return new Date(Date.now() + LEASE_MS);
}

import type { Transaction } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { In, LessThanOrEqual, MoreThan } from 'typeorm';
import { SessionRow } from './session-row.ts';

@Injectable()
export class SessionsRepository {
  async insert(tx: Transaction, row: SessionRow): Promise<void> {
    await tx.insert(SessionRow, row);
  }

  /** The sessions that have not expired. */
  async find(tx: Transaction, digests: readonly string[], now: Date): Promise<SessionRow[]> {
    return tx.findBy(SessionRow, { digest: In([...digests]), expiresAt: MoreThan(now) });
  }

  async delete(tx: Transaction, digest: string): Promise<void> {
    await tx.delete(SessionRow, { digest });
  }

  async deleteExpired(tx: Transaction, now: Date): Promise<void> {
    await tx.delete(SessionRow, { expiresAt: LessThanOrEqual(now) });
  }
}

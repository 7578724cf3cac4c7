import type { Transaction } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { LessThanOrEqual, MoreThan } from 'typeorm';
import { SessionRow } from './session-row.ts';

@Injectable()
export class SessionsRepository {
  async insert(tx: Transaction, row: SessionRow): Promise<void> {
    await tx.insert(SessionRow, row);
  }

  /** The session, unless its time is over. */
  async find(tx: Transaction, digest: string, now: Date): Promise<SessionRow | null> {
    return tx.findOneBy(SessionRow, { digest, expiresAt: MoreThan(now) });
  }

  async delete(tx: Transaction, digest: string): Promise<void> {
    await tx.delete(SessionRow, { digest });
  }

  async deleteExpired(tx: Transaction, now: Date): Promise<void> {
    await tx.delete(SessionRow, { expiresAt: LessThanOrEqual(now) });
  }
}

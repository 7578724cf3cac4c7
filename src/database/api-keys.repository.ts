import type { Transaction } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { ApiKeyRow } from './api-key-row.ts';

@Injectable()
export class ApiKeysRepository {
  async insert(tx: Transaction, row: ApiKeyRow): Promise<void> {
    await tx.insert(ApiKeyRow, row);
  }

  /** Revoked keys too. */
  async findByDigests(tx: Transaction, digests: readonly string[]): Promise<ApiKeyRow[]> {
    return tx.findBy(ApiKeyRow, { digest: In([...digests]) });
  }

  /** The keys of these ids that are not revoked. */
  async findValid(tx: Transaction, ids: readonly string[]): Promise<ApiKeyRow[]> {
    return ids.length === 0 ? [] : tx.findBy(ApiKeyRow, { id: In([...ids]), revokedAt: IsNull() });
  }

  /** Those that are not revoked, newest first. */
  async list(tx: Transaction, organization: string): Promise<ApiKeyRow[]> {
    return tx.find(ApiKeyRow, { where: { organization, revokedAt: IsNull() }, order: { id: 'DESC' } });
  }

  /** @returns whether there was such a key. */
  async revoke(tx: Transaction, organization: string, id: string, now: Date): Promise<boolean> {
    if (!isUuid(id)) return false;
    const where = { id, organization, revokedAt: IsNull() };
    return (await tx.update(ApiKeyRow, where, { revokedAt: now })).affected === 1;
  }

  /** Whether any key was ever made, in whichever organization. */
  async any(tx: Transaction): Promise<boolean> {
    return tx.exists(ApiKeyRow);
  }
}

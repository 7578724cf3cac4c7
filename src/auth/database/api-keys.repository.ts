import type { Transaction } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { In, IsNull, LessThan } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { ApiKeyRow } from './api-key-row.ts';

@Injectable()
export class ApiKeysRepository {
  async insert(tx: Transaction, row: ApiKeyRow): Promise<void> {
    await tx.insert(ApiKeyRow, row);
  }

  /** Includes revoked and expired keys. */
  async findByDigests(tx: Transaction, digests: readonly string[]): Promise<ApiKeyRow[]> {
    return tx.findBy(ApiKeyRow, { digest: In([...digests]) });
  }

  /** The keys with these ids that are not revoked. They may have expired. */
  async findValid(tx: Transaction, ids: readonly string[]): Promise<ApiKeyRow[]> {
    return ids.length === 0 ? [] : tx.findBy(ApiKeyRow, { id: In([...ids]), revokedAt: IsNull() });
  }

  /** The keys that are not revoked, newest first. They may have expired. */
  async list(tx: Transaction, organization: string): Promise<ApiKeyRow[]> {
    return tx.find(ApiKeyRow, { where: { organization, revokedAt: IsNull() }, order: { id: 'DESC' } });
  }

  /** @returns false if the organization has no active key with this id. */
  async revoke(tx: Transaction, organization: string, id: string, now: Date): Promise<boolean> {
    if (!isUuid(id)) return false;
    const where = { id, organization, revokedAt: IsNull() };
    return (await tx.update(ApiKeyRow, where, { revokedAt: now })).affected === 1;
  }

  /** Stores when a key was used, unless a use after `since` is stored already. */
  async markUsed(tx: Transaction, id: string, now: Date, since: Date): Promise<void> {
    const where = [
      { id, lastUsedAt: IsNull() },
      { id, lastUsedAt: LessThan(since) },
    ];
    await tx.update(ApiKeyRow, where, { lastUsedAt: now });
  }

  /** Whether any key was ever created, in any organization. */
  async any(tx: Transaction): Promise<boolean> {
    return tx.exists(ApiKeyRow);
  }
}

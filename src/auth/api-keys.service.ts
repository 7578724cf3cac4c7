import { createHash, randomBytes } from 'node:crypto';
import { AuditRepository, type Caller, UnitOfWork } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { ApiKeyRow } from '../database/api-key-row.ts';
import { ApiKeysRepository } from '../database/api-keys.repository.ts';
import type { Principal } from './principal.ts';
import type { Scope } from './scope.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** The last four characters of the key. */
  readonly hint: string;
  readonly createdAt: Date;
}

export interface NewApiKey extends ApiKey {
  /** Shown this once: only its digest is kept. */
  readonly key: string;
}

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly apiKeys: ApiKeysRepository,
    private readonly audit: AuditRepository,
  ) {}

  async create(caller: Caller, name: string, scope: Scope): Promise<NewApiKey> {
    const key = `sk_${randomBytes(32).toString('base64url')}`;
    const row: ApiKeyRow = {
      id: uuid(),
      organisation: caller.organisation,
      name,
      digest: digestOf(key),
      scope,
      hint: key.slice(-4),
      createdBy: caller.actor,
      createdAt: new Date(),
      revokedAt: null,
    };
    await this.unitOfWork.write(async (tx) => {
      await this.apiKeys.insert(tx, row);
      await this.audit.record(tx, caller, 'api_key.create', row.id);
    });
    return { ...toApiKey(row), key };
  }

  async list(caller: Caller): Promise<ApiKey[]> {
    return (await this.unitOfWork.read((tx) => this.apiKeys.list(tx, caller.organisation))).map(toApiKey);
  }

  /** @returns false if the organisation has no such key. */
  async revoke(caller: Caller, id: string): Promise<boolean> {
    return this.unitOfWork.write(async (tx) => {
      const revoked = await this.apiKeys.revoke(tx, caller.organisation, id, new Date());
      if (revoked) await this.audit.record(tx, caller, 'api_key.revoke', id);
      return revoked;
    });
  }

  async authenticate(digest: string): Promise<Principal | undefined> {
    const row = await this.unitOfWork.read((tx) => this.apiKeys.findByDigest(tx, digest));
    if (row === null) return undefined;
    const { organisation, id, scope } = row;
    return { organisation, actor: `api-key:${id}`, scope, apiKeyId: id, expiresAt: null };
  }

  async isFirstStart(): Promise<boolean> {
    return !(await this.unitOfWork.read((tx) => this.apiKeys.any(tx)));
  }
}

function toApiKey({ id, name, scope, hint, createdAt }: ApiKeyRow): ApiKey {
  return { id, name, scope, hint, createdAt };
}

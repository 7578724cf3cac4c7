import { createHash, randomBytes } from 'node:crypto';
import { jsonPointer } from '@score-crm/adapter-kit';
import {
  AuditRepository,
  type Caller,
  ConnectionsService,
  InvalidInputError,
  UnitOfWork,
} from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { ApiKeyRow } from '../database/api-key-row.ts';
import { ApiKeysRepository } from '../database/api-keys.repository.ts';
import { BatchedLookups } from './batched-lookups.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import type { Scope } from './scope.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** The only connections that it may use; null for all of the organization. */
  readonly connectionIds: readonly string[] | null;
  /** The last four characters of the key. */
  readonly hint: string;
  readonly createdAt: Date;
}

export interface NewApiKey extends ApiKey {
  /** Shown this once: only its digest is kept. */
  readonly key: string;
}

/** How many connections a key can be restricted to. */
export const MAX_KEY_CONNECTIONS = 100;

/** As `create` makes them. */
const KEY = /^sk_[A-Za-z0-9_-]{43}$/;

/** The id of the first key of an installation: older than every other version 7 UUID. */
const FIRST_KEY_ID = '00000000-0000-7000-8000-000000000000';

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

@Injectable()
export class ApiKeysService {
  private readonly lookups = new BatchedLookups((digests) =>
    this.unitOfWork.read(async (tx) => {
      const rows = await this.apiKeys.findByDigests(tx, digests);
      return new Map(rows.map((row) => [row.digest, row]));
    }),
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly apiKeys: ApiKeysRepository,
    private readonly audit: AuditRepository,
    private readonly connections: ConnectionsService,
  ) {}

  /**
   * @param connectionIds the only connections that the key may use; null for all of the organization
   * @throws InvalidInputError for a connection that does not exist
   */
  async create(
    caller: Caller,
    name: string,
    scope: Scope,
    connectionIds: readonly string[] | null = null,
  ): Promise<NewApiKey> {
    if (connectionIds !== null) await this.assertExist(caller, connectionIds);
    return this.insert(uuid(), caller, { name, scope, connectionIds });
  }

  private async insert(
    id: string,
    caller: Caller,
    { name, scope, connectionIds }: Pick<ApiKeyRow, 'name' | 'scope' | 'connectionIds'>,
  ): Promise<NewApiKey> {
    const key = `sk_${randomBytes(32).toString('base64url')}`;
    const row: ApiKeyRow = {
      id,
      organization: caller.organization,
      name,
      digest: digestOf(key),
      scope,
      connectionIds,
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
    return (await this.unitOfWork.read((tx) => this.apiKeys.list(tx, caller.organization))).map(toApiKey);
  }

  /** @returns false if the organization has no such key. */
  async revoke(caller: Caller, id: string): Promise<boolean> {
    return this.unitOfWork.write(async (tx) => {
      const revoked = await this.apiKeys.revoke(tx, caller.organization, id, new Date());
      if (revoked) await this.audit.record(tx, caller, 'api_key.revoke', id);
      return revoked;
    });
  }

  /** @throws InvalidTokenError */
  async authenticate(key: string): Promise<Principal> {
    // What cannot be a key is not looked up.
    const row = KEY.test(key) ? await this.lookups.find(digestOf(key)) : undefined;
    if (row === undefined) throw new InvalidTokenError('This token is not valid: the API key is unknown.');
    if (row.revokedAt !== null) throw new InvalidTokenError('This token is not valid: the API key was revoked.', true);
    const { organization, id, scope, connectionIds } = row;
    return { organization, actor: `api-key:${id}`, scope, apiKeyId: id, connectionIds, expiresAt: null };
  }

  /**
   * Creates the first key of the installation. Of several instances that start together, one gets it: its id is fixed.
   * @returns undefined if there is or was any key
   */
  async createFirst(caller: Caller, name: string, scope: Scope): Promise<NewApiKey | undefined> {
    const isFirst = async (): Promise<boolean> => !(await this.unitOfWork.read((tx) => this.apiKeys.any(tx)));
    if (!(await isFirst())) return undefined;
    try {
      return await this.insert(FIRST_KEY_ID, caller, { name, scope, connectionIds: null });
    } catch (error) {
      if (await isFirst()) throw error;
      return undefined;
    }
  }

  private async assertExist(caller: Caller, ids: readonly string[]): Promise<void> {
    const { data } = await this.connections.list(caller, { ids, limit: MAX_KEY_CONNECTIONS });
    const known = new Set(data.map(({ id }) => id));
    const message = 'Connection not found. Use the id of a connection in your organization.';
    const errors = ids.flatMap((id, index) =>
      known.has(id) ? [] : [{ pointer: jsonPointer('connectionIds', index), code: 'not_found', message }],
    );
    if (errors.length > 0) throw new InvalidInputError(errors);
  }
}

function toApiKey({ id, name, scope, connectionIds, hint, createdAt }: ApiKeyRow): ApiKey {
  return { id, name, scope, connectionIds, hint, createdAt };
}

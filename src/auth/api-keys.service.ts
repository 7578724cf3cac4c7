import { createHash, randomBytes } from 'node:crypto';
import { checkInput, type FieldError, hasErrorAt, jsonPointer } from '@score-crm/adapter-kit';
import {
  AuditRepository,
  BatchedLookups,
  type Caller,
  ConnectionsService,
  InvalidInputError,
  RunningWork,
  UnitOfWork,
} from '@score-crm/connections';
import type { Scope } from '@score-crm/connections-http';
import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type ApiKeyRow, ApiKeysRepository } from './database/api-keys.repository.ts';
import { type ApiKeyResponse, CreateApiKey, MAX_KEY_CONNECTIONS, type NewApiKeyResponse } from './api-key.dto.ts';
import { InvalidTokenError } from './auth.errors.ts';
import type { Principal } from './principal.ts';

/** The form of a key, as `create` generates it. */
const KEY = /^sk_[A-Za-z0-9_-]{43}$/;

/** The ID of the first key of an installation: older than every other version 7 UUID. */
const FIRST_KEY_ID = '00000000-0000-7000-8000-000000000000';

/** How often the use of a key is stored. */
const USE_INTERVAL_MS = 60_000;

export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

@Injectable()
export class ApiKeysService {
  private readonly logger = new Logger(ApiKeysService.name);
  /** The IDs of the keys whose use is being stored. */
  private readonly marking = new Set<string>();
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
    private readonly runningWork: RunningWork,
  ) {}

  /**
   * @param input validated here, from any source
   * @throws InvalidInputError with every error, such as a connection that does not exist
   */
  async create(caller: Caller, input: CreateApiKey): Promise<NewApiKeyResponse> {
    const { errors, valid } = checkInput(CreateApiKey, input);
    const { connectionIds = null } = valid;
    const expiresAt = (valid.expiresAt ?? null) === null ? null : new Date(valid.expiresAt as Date | string);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
      const message = 'The expiry is not in the future. Send a later time, or null for a key that does not expire.';
      errors.push({ pointer: jsonPointer('expiresAt'), code: 'not_in_future', message });
    }
    if (connectionIds !== null && !hasErrorAt(errors, '/connectionIds')) {
      errors.push(...(await this.unknownConnections(caller, connectionIds)));
    }
    if (errors.length > 0) throw new InvalidInputError(errors);
    const { name, scope } = valid as CreateApiKey;
    return this.insert(uuid(), caller, { name, scope, connectionIds, expiresAt });
  }

  private async insert(
    id: string,
    caller: Caller,
    { name, scope, connectionIds, expiresAt }: Pick<ApiKeyRow, 'name' | 'scope' | 'connectionIds' | 'expiresAt'>,
  ): Promise<NewApiKeyResponse> {
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
      lastUsedAt: null,
      expiresAt,
      revokedAt: null,
    };
    await this.unitOfWork.write(async (tx) => {
      await this.apiKeys.insert(tx, row);
      await this.audit.record(tx, caller, 'api_key.create', row.id);
    });
    return { ...toApiKey(row), key };
  }

  async list(caller: Caller): Promise<ApiKeyResponse[]> {
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
    // A text that cannot be a key costs no query.
    const row = KEY.test(key) ? await this.lookups.find(digestOf(key)) : undefined;
    if (row === undefined) throw new InvalidTokenError('The API key does not exist. Check that you copied all of it.');
    if (row.revokedAt !== null) throw new InvalidTokenError('The API key was revoked. Use another one.', true);
    const { organization, id, scope, connectionIds, expiresAt } = row;
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
      throw new InvalidTokenError('The API key has expired. Create a new one.', true);
    }
    this.markUsed(row);
    return { organization, actor: `api-key:${id}`, scope, apiKeyId: id, connectionIds, expiresAt };
  }

  /** Stores that a key is used now, at most once a minute for each key. The request does not wait for that. */
  markUsed({ id, lastUsedAt }: Pick<ApiKeyRow, 'id' | 'lastUsedAt'>): void {
    const now = new Date();
    const since = new Date(now.getTime() - USE_INTERVAL_MS);
    if (this.marking.has(id) || (lastUsedAt !== null && lastUsedAt >= since)) return;
    this.marking.add(id);
    const stored = this.unitOfWork
      .write((tx) => this.apiKeys.markUsed(tx, id, now, since))
      .catch((error: unknown) => {
        // The next request tries again.
        this.logger.debug(`Could not store the use of API key ${id}: ${error instanceof Error ? error.name : 'error'}`);
      })
      .finally(() => this.marking.delete(id));
    void this.runningWork.track(stored);
  }

  /**
   * Creates the first key of the installation. Its ID is fixed, so only one of several instances that start together does.
   * @returns undefined if a key exists or existed
   */
  async createFirst(caller: Caller, name: string, scope: Scope): Promise<NewApiKeyResponse | undefined> {
    const isFirst = async (): Promise<boolean> => !(await this.unitOfWork.read((tx) => this.apiKeys.any(tx)));
    if (!(await isFirst())) return undefined;
    try {
      return await this.insert(FIRST_KEY_ID, caller, { name, scope, connectionIds: null, expiresAt: null });
    } catch (error) {
      if (await isFirst()) throw error;
      return undefined;
    }
  }

  private async unknownConnections(caller: Caller, ids: readonly string[]): Promise<FieldError[]> {
    const { data } = await this.connections.list(caller, { ids, limit: MAX_KEY_CONNECTIONS });
    const known = new Set(data.map(({ id }) => id));
    const message = 'Connection not found. Use the ID of a connection in your organization.';
    return ids.flatMap((id, index) =>
      known.has(id) ? [] : [{ pointer: jsonPointer('connectionIds', index), code: 'not_found', message }],
    );
  }
}

function toApiKey({
  id,
  name,
  scope,
  connectionIds,
  hint,
  createdAt,
  lastUsedAt,
  expiresAt,
}: ApiKeyRow): Omit<NewApiKeyResponse, 'key'> {
  return { id, name, scope, connectionIds, hint, createdAt, lastUsedAt, expiresAt };
}

import { randomBytes } from 'node:crypto';
import { BatchedLookups, UnitOfWork } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { type ApiKeyRow, ApiKeysRepository } from './database/api-keys.repository.ts';
import { type SessionRow, SessionsRepository } from './database/sessions.repository.ts';
import { ApiKeysService, digestOf } from './api-keys.service.ts';
import type { Principal } from './principal.ts';

const LIFETIME_MS = 12 * 60 * 60_000;

export interface NewSession {
  /** The service stores only its digest. */
  readonly id: string;
  /** The principal of the session. Its `expiresAt` is the session's. */
  readonly principal: Principal;
  readonly expiresAt: Date;
}

interface FoundSession {
  readonly principal: Principal;
  /** The API key that created it; null for a JWT. */
  readonly key: ApiKeyRow | null;
}

/** Sessions of the console. A session has the scope of its token and ends with it, after 12 hours at the latest. */
@Injectable()
export class SessionsService {
  private readonly lookups = new BatchedLookups((digests) => this.load(digests));

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly apiKeys: ApiKeysRepository,
    private readonly keyUses: ApiKeysService,
  ) {}

  async open(principal: Principal): Promise<NewSession> {
    const id = randomBytes(32).toString('base64url');
    const now = new Date();
    const expiresAt = new Date(Math.min(now.getTime() + LIFETIME_MS, principal.expiresAt?.getTime() ?? Infinity));
    const { organization, actor, scope, apiKeyId } = principal;
    const row: SessionRow = { digest: digestOf(id), organization, actor, scope, apiKeyId, createdAt: now, expiresAt };
    await this.unitOfWork.write(async (tx) => {
      await this.sessions.deleteExpired(tx, now);
      await this.sessions.insert(tx, row);
    });
    return { id, principal: { ...principal, expiresAt }, expiresAt };
  }

  /** @returns undefined for a session that does not exist, has expired, or was created with an API key that is revoked. */
  async find(id: string): Promise<Principal | undefined> {
    const found = await this.lookups.find(digestOf(id));
    if (found !== undefined && found.key !== null) this.keyUses.markUsed(found.key);
    return found?.principal;
  }

  async end(id: string): Promise<void> {
    await this.unitOfWork.write((tx) => this.sessions.delete(tx, digestOf(id)));
  }

  private async load(digests: readonly string[]): Promise<ReadonlyMap<string, FoundSession>> {
    return this.unitOfWork.read(async (tx) => {
      const rows = await this.sessions.find(tx, digests, new Date());
      const ids = rows.flatMap(({ apiKeyId }) => apiKeyId ?? []);
      const keys = new Map((await this.apiKeys.findValid(tx, ids)).map((key) => [key.id, key]));
      return new Map(
        rows.flatMap((row) => {
          const key = row.apiKeyId === null ? null : keys.get(row.apiKeyId);
          return key === undefined ? [] : [[row.digest, { principal: principalOf(row, key), key }] as const];
        }),
      );
    });
  }
}

/** @param key that created the session, whose restriction it has; null for a JWT */
function principalOf(
  { organization, actor, scope, apiKeyId, expiresAt }: SessionRow,
  key: ApiKeyRow | null,
): Principal {
  return { organization, actor, scope, apiKeyId, connectionIds: key?.connectionIds ?? null, expiresAt };
}

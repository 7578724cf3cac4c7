import { randomBytes } from 'node:crypto';
import { UnitOfWork } from '@score-crm/connections';
import { Injectable } from '@nestjs/common';
import { ApiKeysRepository } from '../database/api-keys.repository.ts';
import type { SessionRow } from '../database/session-row.ts';
import { SessionsRepository } from '../database/sessions.repository.ts';
import { digestOf } from './api-keys.service.ts';
import type { Principal } from './principal.ts';

const LIFETIME_MS = 12 * 60 * 60_000;

export interface NewSession {
  /** Only its digest is kept. */
  readonly id: string;
  /** Who was signed in, for as long as the session lasts. */
  readonly principal: Principal;
  readonly expiresAt: Date;
}

/** Sessions of the console: what a token may do, for as long as it may and for 12 hours at most. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly apiKeys: ApiKeysRepository,
  ) {}

  async open(principal: Principal): Promise<NewSession> {
    const id = randomBytes(32).toString('base64url');
    const now = new Date();
    const expiresAt = new Date(Math.min(now.getTime() + LIFETIME_MS, principal.expiresAt?.getTime() ?? Infinity));
    const { organisation, actor, scope, apiKeyId } = principal;
    const row: SessionRow = { digest: digestOf(id), organisation, actor, scope, apiKeyId, createdAt: now, expiresAt };
    await this.unitOfWork.write(async (tx) => {
      await this.sessions.deleteExpired(tx, now);
      await this.sessions.insert(tx, row);
    });
    return { id, principal: { ...principal, expiresAt }, expiresAt };
  }

  /** @returns undefined for a session that there is not, whose time is over or whose API key was revoked. */
  async find(id: string): Promise<Principal | undefined> {
    return this.unitOfWork.read(async (tx) => {
      const row = await this.sessions.find(tx, digestOf(id), new Date());
      if (row === null) return undefined;
      const { organisation, actor, scope, apiKeyId, expiresAt } = row;
      if (apiKeyId !== null && (await this.apiKeys.isRevoked(tx, apiKeyId))) return undefined;
      return { organisation, actor, scope, apiKeyId, expiresAt };
    });
  }

  async end(id: string): Promise<void> {
    await this.unitOfWork.write((tx) => this.sessions.delete(tx, digestOf(id)));
  }
}

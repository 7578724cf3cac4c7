import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { type AuditAction, AuditRepository, type AuditRow } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { checkedNumber, decodeCursor, encodeCursor, type Page, PAGE_LIMITS } from '../input/paging.ts';
import { ConnectionsRepository } from './connections.repository.ts';

/** Who changed what, and when. It has no values, so it contains no secrets. */
export interface AuditEntry {
  /** UUIDv7. */
  readonly id: string;
  readonly happenedAt: Date;
  /** `api-key:…` and the ID of the key, `user:…` and the subject of the JWT, or the task that did it, such as `purge`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The ID of the connection, API key or erasure; `unsaved` for a test of values that belong to no connection. */
  readonly subject: string;
  /** The name of the connection; null if it was purged, or the entry is not about a connection. */
  readonly connectionName: string | null;
  /** The names of what changed, such as `settings.host` or `usages/campaign/42.status`. */
  readonly fields: readonly string[];
}

export interface AuditQuery {
  /** The ID of a connection, which may be deleted. */
  readonly connection?: string | undefined;
  /** Compared byte for byte. */
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Entries of this time or later. */
  readonly from?: Date | undefined;
  /** Entries before this time. */
  readonly to?: Date | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

/** The audit entries of an organization, with the names of its connections. */
@Injectable()
export class AuditLogService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly connections: ConnectionsRepository,
  ) {}

  /** Newest first. @throws InvalidQueryError */
  async list({ organization }: Caller, query: AuditQuery = {}): Promise<Page<AuditEntry>> {
    const { connection: subject, cursor, limit: _limit, ...filter } = query;
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const before = cursor === undefined ? undefined : decodeCursor(cursor);
    // MySQL fails where text that is not ASCII is compared with an ASCII column.
    if (subject !== undefined && !isUuid(subject)) return { data: [], nextCursor: null };
    const { rows, names } = await this.unitOfWork.read(
      async (tx) => {
        const found = await this.audit.list(tx, { ...filter, organization, subject, before, limit: limit + 1 });
        const subjects = [...new Set(found.map((row) => row.subject))];
        return { rows: found, names: await this.connections.names(tx, organization, subjects) };
      },
      { lane: 'query', turn: organization },
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((row) => toEntry(row, names.get(row.subject) ?? null)),
      nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
    };
  }
}

function toEntry({ organization: _organization, ...entry }: AuditRow, connectionName: string | null): AuditEntry {
  return { ...entry, action: entry.action as AuditAction, connectionName };
}

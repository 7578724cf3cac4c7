import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { type DeletedRange, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { firstIdAt } from '../input/paging.ts';
import type { Caller } from './caller.ts';

export class AuditRow {
  id!: string;
  organization!: string;
  /** The actor, for example `api-key:018f…`. */
  actor!: string;
  /** For example `connection.update`. */
  action!: string;
  /** The id of the resource. */
  subject!: string;
  /** The names of the fields that changed, never their values. */
  fields!: string[];
  happenedAt!: Date;
}

export function auditSchema(dialect: Dialect): EntitySchema<AuditRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<AuditRow>({
    name: 'audit_entry',
    target: AuditRow,
    tableName: 'audit_entries',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_audit_entries' },
      organization: { ...key, length: 64 },
      actor: { ...text, length: 200 },
      action: { ...key, length: 64 },
      subject: { ...key, length: 36 },
      fields: { type: 'json' },
      happenedAt: { name: 'happened_at', ...time },
    },
    indices: [
      { name: 'ix_audit_entries_organization', columns: ['organization', 'id'] },
      { name: 'ix_audit_entries_subject', columns: ['organization', 'subject', 'id'] },
      { name: 'ix_audit_entries_actor', columns: ['organization', 'actor', 'id'] },
      { name: 'ix_audit_entries_action', columns: ['organization', 'action', 'id'] },
    ],
  });
}

export const AUDIT_ACTIONS = [
  'connection.create',
  'connection.update',
  'connection.delete',
  'connection.disable',
  'connection.enable',
  'connection.purge',
  'connection.test',
  'webhook.register',
  'webhook.unregister',
  'webhook.sample',
  'delivery.reprocess',
  'delivery.reprocess_cancel',
  'delivery.reprocess_resume',
  'connection.claim',
  'connection.release',
  'connection.move_usages',
  'api_key.create',
  'api_key.revoke',
  'recipient.erase',
  'webhook_endpoint.create',
  'webhook_endpoint.update',
  'webhook_endpoint.delete',
  'webhook_endpoint.disable',
  'webhook_endpoint.rotate_secret',
  'webhook_endpoint.test',
  'webhook_endpoint.replay',
  'suppression.add',
  'suppression.remove',
  'suppression.import',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditFilter {
  readonly organization: string;
  /** Only entries about this resource. */
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Only entries of this time or later. */
  readonly from?: Date | undefined;
  /** Only entries before this time. */
  readonly to?: Date | undefined;
  /** Only entries before this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

const DELETED_PER_STEP = 1_000;
/** How far the time in an id may differ from that of its entry: a clock that was set back does not make ids smaller. */
const ID_MARGIN_MS = 60_000;

/** Records the actor, the action and the names of changed fields, never their values, in the transaction of the action. */
@Injectable()
export class AuditRepository {
  async record(
    tx: Transaction,
    caller: Caller,
    action: AuditAction,
    subject: string,
    fields: readonly string[] = [],
  ): Promise<void> {
    const { organization, actor } = caller;
    await tx.insert(AuditRow, {
      id: uuid(),
      organization,
      actor,
      action,
      subject,
      fields: [...fields],
      happenedAt: new Date(),
    });
  }

  /** The entries of an organization, newest first. */
  async list(tx: Transaction, filter: AuditFilter): Promise<AuditRow[]> {
    const { organization, subject, actor, action, from, to, before, limit } = filter;
    const query = tx
      .createQueryBuilder(AuditRow, 'entry')
      // Otherwise MariaDB may read the whole table, in the order of its ids.
      .useIndex(indexFor(filter))
      .where('entry.organization = :organization', { organization })
      .orderBy('entry.id', 'DESC')
      .limit(limit);
    if (subject !== undefined) query.andWhere('entry.subject = :subject', { subject });
    if (action !== undefined) query.andWhere('entry.action = :action', { action });
    if (actor !== undefined) {
      // The first comparison uses the index, but disregards case in MySQL and MariaDB.
      const bytes = Buffer.from(actor).toString('hex').toUpperCase();
      query.andWhere('entry.actor = :actor AND HEX(entry.actor) = :bytes', { actor, bytes });
    }
    if (before !== undefined) query.andWhere('entry.id < :before', { before });
    if (from !== undefined) {
      const first = firstIdAt(new Date(from.getTime() - ID_MARGIN_MS));
      query.andWhere('entry.id >= :first AND entry.happenedAt >= :from', { first, from });
    }
    if (to !== undefined) {
      const end = firstIdAt(new Date(to.getTime() + ID_MARGIN_MS));
      query.andWhere('entry.id < :end AND entry.happenedAt < :to', { end, to });
    }
    return query.getMany();
  }

  /** Deletes the next entries of a range of ids, which begin with their time. */
  async deleteRange(tx: Transaction, ids: KeyRange<string>): Promise<DeletedRange<string>> {
    return deleteRange(tx, AuditRow, 'id', ids, DELETED_PER_STEP);
  }
}

/** By the condition that leaves the fewest entries. */
function indexFor({ subject, actor, action }: AuditFilter): string {
  if (subject !== undefined) return 'ix_audit_entries_subject';
  if (actor !== undefined) return 'ix_audit_entries_actor';
  return action === undefined ? 'ix_audit_entries_organization' : 'ix_audit_entries_action';
}

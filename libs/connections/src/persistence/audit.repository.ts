import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Caller } from '../caller.ts';
import { AuditRow } from './schema/audit-row.ts';
import type { Transaction } from './unit-of-work.ts';

export type AuditAction =
  | 'connection.create'
  | 'connection.update'
  | 'connection.delete'
  | 'connection.purge'
  | 'connection.test'
  | 'webhook.register'
  | 'webhook.unregister'
  | 'connection.claim'
  | 'connection.release'
  | 'api_key.create'
  | 'api_key.revoke';

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
}

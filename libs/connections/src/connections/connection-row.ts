import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect, FLAG } from '../database/dialect.ts';
import type { SendingMode } from '../options/connections.module-options.ts';
import type { Sender } from './senders.ts';
import type { SendingLimits } from './sending-limits.ts';

/** What is stored in addition to an encrypted secret, to be shown. */
export interface SecretInfo {
  /** The last four characters; null for a secret shorter than 16. */
  readonly hint: string | null;
  /** ISO 8601. */
  readonly updatedAt: string;
}

export interface LastTest {
  /** ISO 8601. */
  readonly testedAt: string;
  readonly ok: boolean;
  /** The code and fault of the failure. */
  readonly code?: string;
  readonly fault?: string;
}

export class ConnectionRow {
  id!: string;
  /** Instead of the id in the rows of its events. */
  number!: number;
  organization!: string;
  organizationNumber!: number;
  vendor!: string;
  name!: string;
  fromEmail!: string | null;
  fromName!: string | null;
  /** Where replies to messages of the default sender go. */
  replyTo!: string | null;
  /** Besides the default one; null without others. */
  otherSenders!: readonly Sender[] | null;
  /** Lower case, A-labels; null if the connection may send from every domain. */
  allowedSenderDomains!: readonly string[] | null;
  /** Whether messages are not sent to suppressed recipients. */
  checkSuppressions!: boolean;
  /** A later version may have stored another one: see `effectiveMode`. */
  mode!: SendingMode;
  /** The address that receives all emails in the mode `redirect`. */
  redirectTo!: string | null;
  /** Null if the connection may send without limits. */
  limits!: SendingLimits | null;
  settings!: Record<string, string | number | boolean>;
  /** Compact JWE over the JSON of the secret fields. */
  secrets!: string | null;
  secretInfo!: Record<string, SecretInfo>;
  /** Id and fingerprint of the key that encrypted `secrets`. Shows without decrypting whether the key ring has the key. */
  keyId!: string | null;
  lastTest!: LastTest | null;
  version!: number;
  /** Counted up to lock the row; a portable `SELECT … FOR UPDATE`. */
  guard!: number;
  createdAt!: Date;
  updatedAt!: Date;
  /** Since when it can neither be claimed nor sent through; null while it is enabled. */
  disabledAt!: Date | null;
  deletedAt!: Date | null;
  /** The lease of a purge of the deleted connection. After a failure, the time of the next attempt. */
  leasedUntil!: Date | null;
}

export function connectionSchema(dialect: Dialect): EntitySchema<ConnectionRow> {
  const { integer, key, encrypted, small, text, time } = columnKinds(dialect);
  return new EntitySchema<ConnectionRow>({
    name: 'connection',
    target: ConnectionRow,
    tableName: 'connections',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_connections' },
      number: { ...integer, default: 0 },
      organization: { ...key, length: 64 },
      organizationNumber: { name: 'organization_number', ...integer, default: 0 },
      vendor: { ...key, length: 32 },
      name: { ...text, length: 200 },
      fromEmail: { name: 'from_email', ...text, length: 320, nullable: true },
      fromName: { name: 'from_name', ...text, length: 200, nullable: true },
      replyTo: { name: 'reply_to', ...text, length: 320, nullable: true },
      otherSenders: { name: 'other_senders', type: 'json', nullable: true },
      allowedSenderDomains: { name: 'allowed_sender_domains', type: 'json', nullable: true },
      checkSuppressions: { name: 'check_suppressions', ...small, default: 1, transformer: FLAG },
      mode: { name: 'sending_mode', ...key, length: 16, default: 'live' },
      redirectTo: { name: 'redirect_to', ...text, length: 320, nullable: true },
      limits: { name: 'sending_limits', type: 'json', nullable: true },
      settings: { type: 'json' },
      secrets: { ...encrypted, nullable: true },
      secretInfo: { name: 'secret_info', type: 'json' },
      keyId: { name: 'key_id', ...key, length: 100, nullable: true },
      lastTest: { name: 'last_test', type: 'json', nullable: true },
      version: { ...integer },
      guard: { ...integer },
      createdAt: { name: 'created_at', ...time },
      updatedAt: { name: 'updated_at', ...time },
      disabledAt: { name: 'disabled_at', nullable: true, ...time },
      // For reading only: `softDelete()` would use the time zone of the server and lose the milliseconds.
      deletedAt: { name: 'deleted_at', nullable: true, deleteDate: true, ...time },
      leasedUntil: { name: 'leased_until', nullable: true, ...time },
    },
    indices: [
      { name: 'uq_connections_number', columns: ['number'], unique: true },
      { name: 'ix_connections_organization', columns: ['organization', 'id'] },
      { name: 'ix_connections_key_id', columns: ['keyId'] },
      { name: 'ix_connections_deleted', columns: ['deletedAt', 'id'] },
    ],
  });
}

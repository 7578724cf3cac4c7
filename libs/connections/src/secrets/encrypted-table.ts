import type { Transaction } from '../database/unit-of-work.ts';
import type { EncryptedSecrets, SecretOwner } from './secret-cipher.ts';

/** A row with secrets. */
export interface EncryptedRow extends SecretOwner {
  /** Compact JWE. */
  readonly secrets: string | null;
}

/** Rows whose secrets the configured keys cannot decrypt. */
export interface UnreadableRows {
  readonly count: number;
  /** The first twenty. */
  readonly ids: readonly string[];
}

/** A table with secrets. */
export interface EncryptedTable<Row extends EncryptedRow = EncryptedRow> {
  /** Rows whose secrets were encrypted with none of these keys. */
  encryptedWithout(tx: Transaction, keyIds: readonly string[]): Promise<UnreadableRows>;
  /** The number of rows with secrets. */
  countEncrypted(tx: Transaction): Promise<number>;
  /** The next rows after `id` that have secrets. */
  nextEncrypted(tx: Transaction, id: string, limit: number): Promise<Row[]>;
  /** The next rows after `id` whose secrets were encrypted with another key than this one. */
  nextNotEncryptedWith(tx: Transaction, keyId: string, id: string, limit: number): Promise<Row[]>;
  /** Replaces the encrypted secrets, unless the row has changed since it was read. */
  replaceEncrypted(tx: Transaction, row: Row, encrypted: EncryptedSecrets): Promise<boolean>;
}

/** The table of outgoing webhooks, whose slice depends on that of the keys: `ConnectionsModule` provides it. */
export const ENDPOINT_SECRETS = Symbol('ENDPOINT_SECRETS');

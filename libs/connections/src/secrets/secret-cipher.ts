import { createHmac } from 'node:crypto';
import { declaredFields } from '@score-crm/adapter-kit';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { compactDecrypt, CompactEncrypt, type CompactJWEHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { ConnectionsError } from '../errors/connections.error.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { KeyRing } from './key-ring.ts';

/** No configured key decrypts the secrets of a connection. They are unchanged. */
export class SecretsUnreadableError extends ConnectionsError {
  readonly code = 'secrets_unreadable';

  constructor(readonly connectionId: string) {
    super(
      `The secrets of connection ${connectionId} cannot be decrypted with the configured encryption keys. Add the key that encrypted them, or enter all secrets of the connection again.`,
    );
  }
}

/** The owner of secrets. The ciphertext is bound to it, so it cannot be decrypted in another connection's row. */
export interface SecretOwner {
  readonly id: string;
  readonly organization: string;
  readonly vendor: string;
}

export type Secrets = Readonly<Record<string, string>>;

export interface EncryptedSecrets {
  /** Compact JWE. */
  readonly secrets: string;
  /** Identifies the key that encrypted it. */
  readonly keyId: string;
}

const ALGORITHMS = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256CBC-HS512'] };
// Decrypting takes about a millisecond (jose imports two keys each time), a lookup nothing.
const CACHE = { max: 10_000, ttl: 5 * 60_000 };

/** Encrypts the secrets of a connection as a JWE: AES-256-CBC with HMAC-SHA-512 (RFC 7518), direct encryption. */
@Injectable()
export class SecretCipher {
  readonly ring: KeyRing;
  private readonly cache = new LRUCache<string, Secrets>(CACHE);

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions) {
    this.ring = KeyRing.parse(options.encryptionKeys);
  }

  async encrypt(secrets: Secrets, owner: SecretOwner): Promise<EncryptedSecrets> {
    const key = this.ring.newest;
    const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(secrets)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512', kid: key.kid, ...claims(owner) })
      .encrypt(key.contentKey);
    return { secrets: jwe, keyId: key.keyId };
  }

  /** The secrets of a row, which are none if it has no ciphertext. @throws SecretsUnreadableError */
  async decryptRow(row: SecretOwner & { readonly secrets: string | null }): Promise<Secrets> {
    return row.secrets === null ? {} : this.decrypt(row.secrets, row);
  }

  /** @throws SecretsUnreadableError if no key decrypts it, it was changed, or it belongs to another connection */
  async decrypt(encrypted: string, owner: SecretOwner): Promise<Secrets> {
    const cacheKey = JSON.stringify([owner.organization, owner.vendor, owner.id, encrypted]);
    const cached = this.cache.get(cacheKey);
    if (cached !== undefined) return cached;
    const secrets = await this.decryptJwe(encrypted, owner);
    this.cache.set(cacheKey, secrets);
    return secrets;
  }

  /**
   * HMAC-SHA-256 in hexadecimal, with a key derived from the newest encryption key: without that key, a guess of the text
   * cannot be checked. Equal texts have different digests after a key rotation.
   */
  digest(text: string): string {
    return createHmac('sha256', this.ring.newest.digestKey).update(text).digest('hex');
  }

  private async decryptJwe(encrypted: string, owner: SecretOwner): Promise<Secrets> {
    try {
      assertCanonical(encrypted);
      const { plaintext, protectedHeader } = await compactDecrypt(
        encrypted,
        (header: CompactJWEHeaderParameters) => {
          const key = this.ring.find(header.kid ?? '');
          if (key === undefined) throw new Error('no such key');
          return key.contentKey;
        },
        ALGORITHMS,
      );
      const header = protectedHeader as Readonly<Record<string, unknown>>;
      if (Object.entries(claims(owner)).some(([claim, value]) => header[claim] !== value)) {
        throw new Error('encrypted for another connection');
      }
      // Frozen, since the cache hands the same object to every caller.
      return Object.freeze(JSON.parse(new TextDecoder().decode(plaintext)) as Secrets);
    } catch {
      // Without a cause: details of a failed decryption must not be disclosed.
      throw new SecretsUnreadableError(owner.id);
    }
  }
}

/** The last character of base64url has unused bits, with which one ciphertext could have several spellings. */
function assertCanonical(jwe: string): void {
  for (const part of jwe.split('.')) {
    if (Buffer.from(part, 'base64url').toString('base64url') !== part) throw new Error('not canonical');
  }
}

function claims(owner: SecretOwner): Record<string, string> {
  return { typ: 'connection-secrets', cid: owner.id, org: owner.organization, vnd: owner.vendor };
}

interface Replaced {
  readonly value: string;
  /** ISO 8601. */
  readonly until: string;
}

// Encrypted together with the secrets. No field can have a name like this.
const MEMBER = '!replaced';
const VALID_MS = 72 * 60 * 60 * 1000;

/**
 * What is encrypted when secrets change: the new ones, and beside them, for 72 hours, those they replace that only check what
 * comes in. A vendor does not change over at the same moment, and repeats what it signed before.
 * @param before what was encrypted until now
 */
export function keepReplaced(type: Type<object>, before: Secrets, secrets: Secrets, now: Date): Secrets {
  const until = new Date(now.getTime() + VALID_MS).toISOString();
  const replaced: Record<string, Replaced> = {};
  for (const { name } of declaredFields(type).filter((field) => field.inboundOnly === true)) {
    const value = before[name];
    // One that was cleared is to count no longer, and takes its predecessor along.
    if (secrets[name] === undefined) continue;
    const earlier = read(before)[name];
    if (value !== undefined && value !== '' && value !== secrets[name]) replaced[name] = { value, until };
    else if (earlier !== undefined && isValid(earlier, now)) replaced[name] = earlier;
  }
  return Object.keys(replaced).length === 0 ? secrets : { ...secrets, [MEMBER]: JSON.stringify(replaced) };
}

export function withoutReplaced(encrypted: Secrets): Secrets {
  const { [MEMBER]: _replaced, ...secrets } = encrypted;
  return secrets;
}

/** The replaced secrets that still count. */
export function replacedSecrets(encrypted: Secrets, now: Date): Secrets {
  const valid = Object.entries(read(encrypted)).filter(([, replaced]) => isValid(replaced, now));
  return Object.fromEntries(valid.map(([name, { value }]) => [name, value]));
}

function read(encrypted: Secrets): Readonly<Record<string, Replaced>> {
  return JSON.parse(encrypted[MEMBER] ?? '{}') as Readonly<Record<string, Replaced>>;
}

function isValid({ until }: Replaced, now: Date): boolean {
  return Date.parse(until) > now.getTime();
}

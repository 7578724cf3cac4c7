import { hkdfSync } from 'node:crypto';

const ALGORITHM_INFO = 'score-connections/secrets/v1/A256CBC-HS512';
const FINGERPRINT_INFO = 'score-connections/fingerprint/v1';
const DIGEST_INFO = 'score-connections/digest/v1';
/** A256CBC-HS512 takes 32 bytes for HMAC-SHA-512 and 32 for AES-256-CBC (RFC 7518 section 5.2.5). */
const CONTENT_KEY_BYTES = 64;
const MIN_MASTER_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9_-]{1,40}$/;

export interface EncryptionKey {
  readonly kid: string;
  readonly contentKey: Uint8Array;
  /** For HMAC-SHA-256. */
  readonly digestKey: Uint8Array;
  /** Key id and fingerprint of the key itself: distinguishes two keys with the same id without decrypting anything. */
  readonly keyId: string;
}

/** The master keys of `ENCRYPTION_KEYS`: the first one encrypts, all of them decrypt. */
export class KeyRing {
  private constructor(
    readonly newest: EncryptionKey,
    private readonly byId: ReadonlyMap<string, EncryptionKey>,
  ) {}

  /**
   * @param text `kid:base64[,kid:base64…]`, the newest first; each key has at least 32 bytes.
   * @throws TypeError whose message names the problem and contains no part of a key
   */
  static parse(text: string): KeyRing {
    const byId = new Map<string, EncryptionKey>();
    for (const [index, entry] of text.split(',').entries()) {
      const key = parseEntry(entry.trim(), index + 1);
      if (byId.has(key.kid)) {
        const first = [...byId.keys()].indexOf(key.kid) + 1;
        throw new TypeError(
          `keys ${String(first)} and ${String(index + 1)} have the same id; give each key its own id`,
        );
      }
      byId.set(key.kid, key);
    }
    const [newest] = byId.values() as unknown as [EncryptionKey];
    return new KeyRing(newest, byId);
  }

  find(kid: string): EncryptionKey | undefined {
    return this.byId.get(kid);
  }

  /** The ids of all keys. Secrets with another `keyId` cannot be decrypted. */
  get keyIds(): string[] {
    return [...this.byId.values()].map((key) => key.keyId);
  }
}

// Messages name a key by its position, since a wrong id may be a part of a key.
function parseEntry(entry: string, position: number): EncryptionKey {
  const colon = entry.indexOf(':');
  const kid = entry.slice(0, Math.max(colon, 0));
  if (!KEY_ID.test(kid)) {
    throw new TypeError(
      `key ${String(position)} must be written as kid:base64, where kid is 1 to 40 letters, digits, - or _`,
    );
  }
  const base64 = entry.slice(colon + 1);
  const master = Buffer.from(base64, 'base64');
  if (!isBase64Of(master, base64) || master.length < MIN_MASTER_BYTES) {
    throw new TypeError(
      `key ${String(position)} must be at least ${String(MIN_MASTER_BYTES)} random bytes in base64 (openssl rand -base64 32)`,
    );
  }
  const fingerprint = Buffer.from(derive(master, `${FINGERPRINT_INFO}|${kid}`, 8)).toString('hex');
  return {
    kid,
    contentKey: derive(master, `${ALGORITHM_INFO}|${kid}`, CONTENT_KEY_BYTES),
    digestKey: derive(master, `${DIGEST_INFO}|${kid}`, 32),
    keyId: `${kid}:${fingerprint}`,
  };
}

/** Whether the text is exactly what the bytes look like, padding optional: a key that lost a character is not one. */
function isBase64Of(bytes: Buffer, text: string): boolean {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  const padded = bytes.toString('base64');
  return standard === padded || standard === padded.replace(/=+$/, '');
}

function derive(master: Buffer, info: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master, Buffer.alloc(0), info, bytes));
}

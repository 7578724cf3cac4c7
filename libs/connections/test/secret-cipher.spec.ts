import { describe, expect, it } from '@jest/globals';
import { CompactEncrypt, type CompactJWEHeaderParameters, decodeProtectedHeader } from 'jose';
import { type ConnectionsModuleOptions, KeyRing, SecretsUnreadableError } from '../src/index.ts';
import { SecretCipher } from '../src/secrets/secret-cipher.ts';
import { findSecrets } from '../../../test/support/secret-search.ts';
import { failureOf } from './support/outcome.ts';
import { newKey } from './support/test-module.ts';

const OWNER = { id: '01900000-0000-7000-8000-000000000001', organization: 'acme', vendor: 'fake' };
const SECRETS = { apiKey: 'SG.a secret, with "quotes" and ünïcode 🔑', signingKey: 'another' };
const KEYS = newKey('k1');
/** Of a thousand, some four would open without a MAC: one padding in 256 is right by chance. */
const WRONG_KEYS = process.env['TEST_LONG'] === '1' ? 10_000 : 1_000;

function cipherWith(encryptionKeys: string): SecretCipher {
  return new SecretCipher({ encryptionKeys } as ConnectionsModuleOptions);
}

/** Another character of the same alphabet. */
function altered(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe('the cipher', () => {
  it('opens what it encrypted', async () => {
    const cipher = cipherWith(KEYS);
    const { secrets, keyId } = await cipher.encrypt(SECRETS, OWNER);
    expect(keyId).toBe(cipher.ring.newest.keyId);
    expect(await cipher.decrypt(secrets, OWNER)).toEqual(SECRETS);
    expect(await cipherWith(KEYS).decrypt(secrets, OWNER)).toEqual(SECRETS);
  });

  it('makes a compact JWE of AES-256-CBC with HMAC-SHA-512 that names key, connection, organization and vendor', async () => {
    const { secrets } = await cipherWith(KEYS).encrypt(SECRETS, OWNER);
    const [, encryptedKey, iv, , tag] = secrets.split('.');
    expect(decodeProtectedHeader(secrets)).toEqual({
      alg: 'dir',
      enc: 'A256CBC-HS512',
      typ: 'connection-secrets',
      kid: 'k1',
      cid: OWNER.id,
      org: 'acme',
      vnd: 'fake',
    });
    expect(encryptedKey).toBe('');
    expect(Buffer.from(iv ?? '', 'base64url')).toHaveLength(16);
    expect(Buffer.from(tag ?? '', 'base64url')).toHaveLength(32);
    expect(findSecrets(Buffer.from(secrets), Object.values(SECRETS))).toEqual([]);
  });

  it('never encrypts the same twice alike', async () => {
    const cipher = cipherWith(KEYS);
    const encrypted = await Promise.all(Array.from({ length: 50 }, () => cipher.encrypt(SECRETS, OWNER)));
    expect(new Set(encrypted.map(({ secrets }) => secrets.split('.')[2])).size).toBe(50);
  });

  it('encrypts with the newest key and opens with every key', async () => {
    const [older, newer] = [newKey('older'), newKey('newer')];
    const { secrets } = await cipherWith(older).encrypt(SECRETS, OWNER);
    const both = cipherWith(`${newer},${older}`);
    expect(await both.decrypt(secrets, OWNER)).toEqual(SECRETS);
    expect(decodeProtectedHeader((await both.encrypt(SECRETS, OWNER)).secrets)['kid']).toBe('newer');
  });

  it('refuses it after one character of any of its five parts was altered, wherever', async () => {
    const { secrets } = await cipherWith(KEYS).encrypt(SECRETS, OWNER);
    const cipher = cipherWith(KEYS);
    const variants = new Set(Array.from(secrets, (character, at) => (character === '.' ? '' : altered(secrets, at))));
    variants.delete('');
    // The second part is empty: there, something is added.
    variants.add(secrets.replace('..', '.A.')).add(secrets.replace('..', '.AAAA.'));
    variants.add(`${secrets}A`).add(`${secrets}.`).add(`${secrets}=`).add(` ${secrets}`).add('').add('....');
    expect(variants.size).toBeGreaterThan(secrets.length - 5);
    for (const variant of variants) {
      expect(await failureOf(cipher.decrypt(variant, OWNER))).toBeInstanceOf(SecretsUnreadableError);
    }
    expect(await cipher.decrypt(secrets, OWNER)).toEqual(SECRETS);
  });

  it.each([
    ['connection', { ...OWNER, id: '01900000-0000-7000-8000-000000000002' }],
    ['organization', { ...OWNER, organization: 'Acme' }],
    ['vendor', { ...OWNER, vendor: 'other' }],
  ])('refuses it in the row of another %s, cached or not', async (_what, other) => {
    const cipher = cipherWith(KEYS);
    const { secrets } = await cipher.encrypt(SECRETS, OWNER);
    expect(await failureOf(cipher.decrypt(secrets, other))).toBeInstanceOf(SecretsUnreadableError);
    expect(await cipher.decrypt(secrets, OWNER)).toEqual(SECRETS);
    expect(await failureOf(cipher.decrypt(secrets, other))).toBeInstanceOf(SecretsUnreadableError);
  });

  it.each([
    ['another encryption', { alg: 'dir', enc: 'A256GCM' }, 32],
    ['a shorter one', { alg: 'dir', enc: 'A128CBC-HS256' }, 32],
    ['another key management', { alg: 'A256KW', enc: 'A256CBC-HS512' }, 32],
    ['another type', { alg: 'dir', enc: 'A256CBC-HS512', typ: 'JWT' }, 64],
    ['no type', { alg: 'dir', enc: 'A256CBC-HS512', typ: undefined }, 64],
  ])('refuses %s, even under its own key', async (_what, header, keyBytes) => {
    const cipher = cipherWith(KEYS);
    const claims = { kid: 'k1', typ: 'connection-secrets', cid: OWNER.id, org: OWNER.organization, vnd: OWNER.vendor };
    // JSON leaves out what is undefined.
    const protectedHeader = JSON.parse(JSON.stringify({ ...claims, ...header })) as CompactJWEHeaderParameters;
    const forged = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(SECRETS)))
      .setProtectedHeader(protectedHeader)
      .encrypt(cipher.ring.newest.contentKey.slice(0, keyBytes));
    expect(await failureOf(cipher.decrypt(forged, OWNER))).toBeInstanceOf(SecretsUnreadableError);
  });

  it('says nothing secret when it cannot open', async () => {
    const { secrets } = await cipherWith(KEYS).encrypt(SECRETS, OWNER);
    for (const keys of [newKey('k1'), newKey('k2')]) {
      const error = (await failureOf(cipherWith(keys).decrypt(secrets, OWNER))) as SecretsUnreadableError;
      expect(error).toBeInstanceOf(SecretsUnreadableError);
      expect(error.connectionId).toBe(OWNER.id);
      expect(error.cause).toBeUndefined();
      const said = Buffer.from(`${error.message}\n${String(error.stack)}\n${JSON.stringify(error)}`);
      expect(findSecrets(said, [...Object.values(SECRETS), KEYS.slice(3), keys.slice(3), secrets])).toEqual([]);
    }
  });

  it('does not let one caller change what the next one gets', async () => {
    const cipher = cipherWith(KEYS);
    const { secrets } = await cipher.encrypt(SECRETS, OWNER);
    const opened = (await cipher.decrypt(secrets, OWNER)) as Record<string, string>;
    expect(() => {
      opened['apiKey'] = 'changed';
    }).toThrow(TypeError);
    expect(await cipher.decrypt(secrets, OWNER)).toEqual(SECRETS);
  });

  it(`opens nothing with ${String(WRONG_KEYS)} random wrong keys of the right id`, async () => {
    const { secrets } = await cipherWith(KEYS).encrypt(SECRETS, OWNER);
    // One cipher whose key changes: to make its cache would take longer than to try a key.
    const cipher = cipherWith(KEYS);
    let opened = 0;
    let refused = 0;
    for (let n = 0; n < WRONG_KEYS; n++) {
      Object.assign(cipher, { ring: KeyRing.parse(newKey('k1')) });
      if ((await failureOf(cipher.decrypt(secrets, OWNER))) instanceof SecretsUnreadableError) refused++;
      else opened++;
    }
    Object.assign(cipher, { ring: KeyRing.parse(KEYS) });
    expect(await cipher.decrypt(secrets, OWNER)).toEqual(SECRETS);
    expect({ opened, refused }).toEqual({ opened: 0, refused: WRONG_KEYS });
  }, 300_000);
});

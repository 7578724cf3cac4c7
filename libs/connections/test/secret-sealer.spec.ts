import { describe, expect, it } from '@jest/globals';
import { CompactEncrypt, type CompactJWEHeaderParameters, decodeProtectedHeader } from 'jose';
import { type ConnectionsModuleOptions, KeyRing, SecretsUnreadableError } from '../src/index.ts';
import { SecretSealer } from '../src/sealing/secret-sealer.ts';
import { findSecrets } from '../../../test/support/secret-search.ts';
import { failureOf } from './support/outcome.ts';
import { newKey } from './support/test-module.ts';

const OWNER = { id: '01900000-0000-7000-8000-000000000001', organisation: 'acme', vendor: 'fake' };
const SECRETS = { apiKey: 'SG.a secret, with "quotes" and ünïcode 🔑', signingKey: 'another' };
const KEYS = newKey('k1');
/** Of so many, some eight would open without a MAC: one padding in 256 is right by chance. */
const WRONG_KEYS = process.env['TEST_LONG'] === '1' ? 10_000 : 2_000;

function sealerWith(encryptionKeys: string): SecretSealer {
  return new SecretSealer({ encryptionKeys } as ConnectionsModuleOptions);
}

/** Another character of the same alphabet. */
function altered(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe('the sealer', () => {
  it('opens what it sealed', async () => {
    const sealer = sealerWith(KEYS);
    const { secrets, sealedWith } = await sealer.seal(SECRETS, OWNER);
    expect(sealedWith).toBe(sealer.ring.newest.mark);
    expect(await sealer.open(secrets, OWNER)).toEqual(SECRETS);
    expect(await sealerWith(KEYS).open(secrets, OWNER)).toEqual(SECRETS);
  });

  it('makes a compact JWE of AES-256-CBC with HMAC-SHA-512 that names key, connection, organisation and vendor', async () => {
    const { secrets } = await sealerWith(KEYS).seal(SECRETS, OWNER);
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

  it('never seals the same twice alike', async () => {
    const sealer = sealerWith(KEYS);
    const sealed = await Promise.all(Array.from({ length: 50 }, () => sealer.seal(SECRETS, OWNER)));
    expect(new Set(sealed.map(({ secrets }) => secrets.split('.')[2])).size).toBe(50);
  });

  it('seals with the newest key and opens with every key', async () => {
    const [older, newer] = [newKey('older'), newKey('newer')];
    const { secrets } = await sealerWith(older).seal(SECRETS, OWNER);
    const both = sealerWith(`${newer},${older}`);
    expect(await both.open(secrets, OWNER)).toEqual(SECRETS);
    expect(decodeProtectedHeader((await both.seal(SECRETS, OWNER)).secrets)['kid']).toBe('newer');
  });

  it('refuses it after one character of any of its five parts was altered, wherever', async () => {
    const { secrets } = await sealerWith(KEYS).seal(SECRETS, OWNER);
    const sealer = sealerWith(KEYS);
    const variants = new Set(Array.from(secrets, (character, at) => (character === '.' ? '' : altered(secrets, at))));
    variants.delete('');
    // The second part is empty: there, something is added.
    variants.add(secrets.replace('..', '.A.')).add(secrets.replace('..', '.AAAA.'));
    variants.add(`${secrets}A`).add(`${secrets}.`).add(`${secrets}=`).add(` ${secrets}`).add('').add('....');
    expect(variants.size).toBeGreaterThan(secrets.length - 5);
    for (const variant of variants) {
      expect(await failureOf(sealer.open(variant, OWNER))).toBeInstanceOf(SecretsUnreadableError);
    }
    expect(await sealer.open(secrets, OWNER)).toEqual(SECRETS);
  });

  it.each([
    ['connection', { ...OWNER, id: '01900000-0000-7000-8000-000000000002' }],
    ['organisation', { ...OWNER, organisation: 'Acme' }],
    ['vendor', { ...OWNER, vendor: 'other' }],
  ])('refuses it in the row of another %s, cached or not', async (_what, other) => {
    const sealer = sealerWith(KEYS);
    const { secrets } = await sealer.seal(SECRETS, OWNER);
    expect(await failureOf(sealer.open(secrets, other))).toBeInstanceOf(SecretsUnreadableError);
    expect(await sealer.open(secrets, OWNER)).toEqual(SECRETS);
    expect(await failureOf(sealer.open(secrets, other))).toBeInstanceOf(SecretsUnreadableError);
  });

  it.each([
    ['another encryption', { alg: 'dir', enc: 'A256GCM' }, 32],
    ['a shorter one', { alg: 'dir', enc: 'A128CBC-HS256' }, 32],
    ['another key management', { alg: 'A256KW', enc: 'A256CBC-HS512' }, 32],
    ['another type', { alg: 'dir', enc: 'A256CBC-HS512', typ: 'JWT' }, 64],
    ['no type', { alg: 'dir', enc: 'A256CBC-HS512', typ: undefined }, 64],
  ])('refuses %s, even under its own key', async (_what, header, keyBytes) => {
    const sealer = sealerWith(KEYS);
    const claims = { kid: 'k1', typ: 'connection-secrets', cid: OWNER.id, org: OWNER.organisation, vnd: OWNER.vendor };
    // JSON leaves out what is undefined.
    const protectedHeader = JSON.parse(JSON.stringify({ ...claims, ...header })) as CompactJWEHeaderParameters;
    const forged = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(SECRETS)))
      .setProtectedHeader(protectedHeader)
      .encrypt(sealer.ring.newest.contentKey.slice(0, keyBytes));
    expect(await failureOf(sealer.open(forged, OWNER))).toBeInstanceOf(SecretsUnreadableError);
  });

  it('says nothing secret when it cannot open', async () => {
    const { secrets } = await sealerWith(KEYS).seal(SECRETS, OWNER);
    for (const keys of [newKey('k1'), newKey('k2')]) {
      const error = (await failureOf(sealerWith(keys).open(secrets, OWNER))) as SecretsUnreadableError;
      expect(error).toBeInstanceOf(SecretsUnreadableError);
      expect(error.connectionId).toBe(OWNER.id);
      expect(error.cause).toBeUndefined();
      const said = Buffer.from(`${error.message}\n${String(error.stack)}\n${JSON.stringify(error)}`);
      expect(findSecrets(said, [...Object.values(SECRETS), KEYS.slice(3), keys.slice(3), secrets])).toEqual([]);
    }
  });

  it('does not let one caller change what the next one gets', async () => {
    const sealer = sealerWith(KEYS);
    const { secrets } = await sealer.seal(SECRETS, OWNER);
    const opened = (await sealer.open(secrets, OWNER)) as Record<string, string>;
    expect(() => {
      opened['apiKey'] = 'changed';
    }).toThrow(TypeError);
    expect(await sealer.open(secrets, OWNER)).toEqual(SECRETS);
  });

  it(`opens nothing with ${String(WRONG_KEYS)} random wrong keys of the right id`, async () => {
    const { secrets } = await sealerWith(KEYS).seal(SECRETS, OWNER);
    // One sealer whose key changes: to make its cache would take longer than to try a key.
    const sealer = sealerWith(KEYS);
    let opened = 0;
    let refused = 0;
    for (let n = 0; n < WRONG_KEYS; n++) {
      Object.assign(sealer, { ring: KeyRing.parse(newKey('k1')) });
      if ((await failureOf(sealer.open(secrets, OWNER))) instanceof SecretsUnreadableError) refused++;
      else opened++;
    }
    Object.assign(sealer, { ring: KeyRing.parse(KEYS) });
    expect(await sealer.open(secrets, OWNER)).toEqual(SECRETS);
    expect({ opened, refused }).toEqual({ opened: 0, refused: WRONG_KEYS });
  }, 300_000);
});

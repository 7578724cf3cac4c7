import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES, type TestDatabase } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  ConnectionTester,
  KeyHealthService,
  KeyRotationService,
  WebhookEndpointsService,
  WebhookMessagesService,
} from '../src/index.ts';
import { SecretCipher } from '../src/secrets/secret-cipher.ts';
import { UnitOfWork } from '../src/database/unit-of-work.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, newKey, type Row, TestModule } from './support/test-module.ts';

const OLD = newKey('old');
const NEW = newKey('new');
const LOST = newKey('lost');

describe.each(DATABASES)('re-sealing on %s', (kind) => {
  let database: TestDatabase;
  const modules: TestModule[] = [];

  beforeEach(async () => {
    database = await createDatabase(kind);
  });

  afterEach(async () => {
    for (const module of modules.splice(0)) await module.stop();
    await database.drop();
  });

  async function start(encryptionKeys: string): Promise<TestModule> {
    const module = await TestModule.on(database, { encryptionKeys });
    modules.push(module);
    return module;
  }

  async function create(module: TestModule, count: number): Promise<string[]> {
    const connections = module.app.get(ConnectionsService);
    const created = Array.from({ length: count }, (_, n) =>
      connections.create(CALLER, {
        name: `No. ${String(n)}`,
        vendor: 'fake',
        settings: { apiKey: `key-${String(n)}` },
      }),
    );
    return (await Promise.all(created)).map(({ id }) => id);
  }

  it('encrypts everything anew, deleted connections and several pages too; then the new key alone opens it', async () => {
    const before = await start(OLD);
    const ids = await create(before, 110);
    for (const id of ids.slice(0, 5)) await before.app.get(ConnectionsService).delete(CALLER, id);
    const [withoutSecrets = ''] = await create(before, 1);
    await before.app.get(ConnectionsService).update(CALLER, withoutSecrets, {
      settings: { authentication: 'none', apiKey: null },
    });
    const rows = await before.rows('connections');

    const both = await start(`${NEW},${OLD}`);
    const [mixed = ''] = await create(both, 1);
    const already = await both.row(mixed);
    expect(await both.app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 110, skipped: 0, unreadable: [] });
    expect(await both.row(mixed)).toEqual(already);
    expect(await both.app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 0, skipped: 0, unreadable: [] });

    const after = await start(NEW);
    expect(after.logger.errors).toEqual([]);
    const cipher = after.app.get(SecretCipher);
    const encrypted = new Map((await after.rows('connections')).map((row) => [row['id'], String(row['secrets'])]));
    for (const [n, id] of ids.entries()) {
      const owner = { id, organization: 'acme', vendor: 'fake' };
      expect(await cipher.decrypt(encrypted.get(id) ?? '', owner)).toEqual({ apiKey: `key-${String(n)}` });
    }
    // Nothing else of a row changed: not even its version.
    const decrypted = ({ secrets: _secrets, key_id: _mark, ...rest }: Row): Row => rest;
    const now = (await after.rows('connections')).filter((row) => row['id'] !== mixed);
    expect(now.map(decrypted)).toEqual(rows.map(decrypted));
  }, 60_000);

  it('names what it cannot open, and leaves it byte for byte as it is', async () => {
    const lost = await create(await start(LOST), 3);
    const before = await start(OLD);
    const [altered = '', swapped = '', other = '', good = ''] = await create(before, 4);
    const { secrets } = (await before.row(altered)) ?? {};
    const broken = String(secrets).replace(/.(?=[^.]*$)/, (character) => (character === 'A' ? 'B' : 'A'));
    await set(before, altered, broken);
    await set(before, swapped, String((await before.row(other))?.['secrets']));
    const rows = await before.rows('connections');

    const both = await start(`${NEW},${OLD}`);
    const report = await both.app.get(KeyRotationService).rotate();
    expect(report.reencrypted).toBe(2);
    expect(report.unreadable.toSorted()).toEqual([...lost, altered, swapped].toSorted());
    const now = await both.rows('connections');
    const left = (row: Row): boolean => row['id'] !== good && row['id'] !== other;
    expect(now.filter(left)).toEqual(rows.filter(left));
  });

  it('re-encrypts the secrets of webhook endpoints, and reports those that no key decrypts', async () => {
    const input = { url: 'https://127.0.0.1/' };
    const outbound = { allowLoopback: true };
    const create = async (keys: string): Promise<string> => {
      const module = await TestModule.on(database, { encryptionKeys: keys, outbound });
      modules.push(module);
      return (await module.app.get(WebhookEndpointsService).create(CALLER, input)).id;
    };
    const [lost, old] = [await create(LOST), await create(OLD)];
    const both = await start(`${NEW},${OLD}`);
    const health = both.app.get(KeyHealthService);
    expect(await health.check()).toEqual({ encrypted: 2, unreadable: { count: 1, ids: [lost] } });
    expect(await health.verify()).toEqual({ readable: 1, unreadable: [lost] });
    expect(await both.app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 1, skipped: 0, unreadable: [lost] });

    const after = await start(NEW);
    const messages = after.app.get(WebhookMessagesService);
    expect((await messages.test(CALLER, old)).attempts).toHaveLength(1);
    expect(await failureOf(messages.test(CALLER, lost))).toMatchObject({
      code: 'secrets_unreadable',
      endpointId: lost,
    });
    await after.app.get(WebhookEndpointsService).rotateSecret(CALLER, lost);
    expect((await messages.test(CALLER, lost)).attempts).toHaveLength(1);
    expect((await after.app.get(KeyHealthService).check()).unreadable.count).toBe(0);
  });

  it('does not overwrite a connection that was changed meanwhile', async () => {
    const [id = ''] = await create(await start(OLD), 1);
    const both = await start(`${NEW},${OLD}`);
    const cipher = both.app.get(SecretCipher);
    const encrypt = cipher.encrypt.bind(cipher);
    // Somebody changes the connection in the moment between the opening and the writing back.
    cipher.encrypt = async (secrets, owner) => {
      cipher.encrypt = encrypt;
      const encrypted = await encrypt(secrets, owner);
      await both.app.get(ConnectionsService).update(CALLER, id, { settings: { apiKey: 'changed meanwhile' } });
      return encrypted;
    };
    expect(await both.app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 0, skipped: 1, unreadable: [] });
    await both.app.get(ConnectionTester).test(CALLER, id);
    expect(both.adapter.calls[0]?.settings.apiKey).toBe('changed meanwhile');
    expect(await both.app.get(KeyRotationService).rotate()).toEqual({ reencrypted: 0, skipped: 0, unreadable: [] });
  });

  async function set(module: TestModule, id: string, secrets: string): Promise<void> {
    await module.app
      .get(UnitOfWork)
      .write((tx) => tx.query('UPDATE connections SET secrets = ? WHERE id = ?', [secrets, id]));
  }
});

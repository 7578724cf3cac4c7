import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { type Connection, ConnectionsService } from '../src/index.ts';
import { SecretCipher, type Secrets } from '../src/secrets/secret-cipher.ts';
import { API_KEY, fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

describe.each(DATABASES)('a change of a connection on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
  });

  afterAll(async () => {
    await module.end();
  });

  const create = (settings: object = {}): Promise<Connection> =>
    connections.create(CALLER, fakeConnection(settings as Record<string, unknown>));
  const change = (id: string, settings: any): Promise<Connection> => connections.update(CALLER, id, { settings });

  async function secretsOf(id: string): Promise<Secrets> {
    const { secrets } = (await module.row(id)) ?? {};
    const owner = { id, organization: CALLER.organization, vendor: 'fake' };
    return typeof secrets === 'string' ? module.app.get(SecretCipher).decrypt(secrets, owner) : {};
  }

  it('keeps what is absent, and clears what is null', async () => {
    const before = await create({ note: 'A', secondKey: 'second' });
    const after = await connections.update(CALLER, before.id, {
      name: 'New name',
      fromName: null,
      settings: { note: null, retries: null, mode: 'regional', secondKey: 'second', apiKey: API_KEY },
    });
    expect(after).toEqual({
      ...before,
      name: 'New name',
      fromName: null,
      senders: [{ email: 'news@sender.example' }],
      settings: {
        baseUrl: 'https://api.fake.example',
        authentication: 'key',
        mode: 'regional',
        region: 'eu',
        retries: 3,
      },
      secrets: after.secrets,
      version: 2,
      updatedAt: after.updatedAt,
    });
    expect(await connections.get(CALLER, before.id)).toEqual(after);
    expect(await secretsOf(before.id)).toEqual({ apiKey: API_KEY, secondKey: 'second' });
  });

  it('takes undefined for absent, wherever it is', async () => {
    const before = await create({ note: 'A', secondKey: 'second' });
    const after = await connections.update(CALLER, before.id, {
      name: undefined,
      fromEmail: undefined,
      nonsense: undefined,
      settings: { note: undefined, apiKey: undefined, secondKey: undefined },
    } as any);
    expect(after).toEqual(before);
    expect(await secretsOf(before.id)).toEqual({ apiKey: API_KEY, secondKey: 'second' });
  });

  it('changes nothing when nothing is to be changed', async () => {
    const before = await create({ note: 'A', authentication: 'key' });
    const row = await module.row(before.id);
    for (const input of [
      {},
      { settings: {} },
      { name: before.name, fromEmail: before.fromEmail, settings: before.settings },
      { settings: { retries: null, zone: null } },
    ]) {
      expect(await connections.update(CALLER, before.id, input)).toEqual(before);
    }
    expect({ ...(await module.row(before.id)), guard: 0 }).toEqual({ ...row, guard: 0 });
    const trail = (await module.rows('audit_entries')).filter((entry) => entry['subject'] === before.id);
    expect(trail).toHaveLength(1);
  });

  it('leaves a secret alone when something else changes', async () => {
    const before = await create();
    const { secrets } = (await module.row(before.id)) ?? {};
    const after = await connections.update(CALLER, before.id, { name: 'B', fromEmail: null });
    expect((await module.row(before.id))?.['secrets']).toBe(secrets);
    expect(after.secrets).toEqual(before.secrets);
    const noted = await change(before.id, { note: 'N' });
    expect(noted.secrets).toEqual(before.secrets);
    expect(await secretsOf(before.id)).toEqual({ apiKey: API_KEY });
  });

  it('replaces a secret, and dates it', async () => {
    const before = await create({ secondKey: 'second' });
    const after = await change(before.id, { apiKey: 'a-completely-new-key-🔑🔑🔑' });
    expect(after.secrets['apiKey']?.hint).toBe('-🔑🔑🔑');
    expect(after.secrets['apiKey']?.updatedAt).toBe(after.updatedAt.toISOString());
    expect(after.secrets['secondKey']).toEqual(before.secrets['secondKey']);
    expect(await secretsOf(before.id)).toEqual({ apiKey: 'a-completely-new-key-🔑🔑🔑', secondKey: 'second' });
  });

  it('clears a secret by null, one of several and the only one', async () => {
    const both = await create({ secondKey: 'second', signingKey: 'signing' });
    const after = await change(both.id, { secondKey: null });
    expect(Object.keys(after.secrets)).toEqual(['apiKey', 'signingKey']);
    expect(await secretsOf(both.id)).toEqual({ apiKey: API_KEY, signingKey: 'signing' });

    const input = { ...fakeConnection(), settings: { authentication: 'none', secondKey: 'second', signingKey: 'x' } };
    const { id } = await connections.create(CALLER, input);
    expect(await change(id, { secondKey: null, signingKey: null })).toMatchObject({ secrets: {}, version: 2 });
    expect(await module.row(id)).toMatchObject({ secrets: null, key_id: null });
    expect(await faultsOf(change(both.id, { apiKey: null }))).toEqual(['/settings/apiKey required']);
  });

  it('refuses what there is not, what is not to be changed and what is no object', async () => {
    const { id } = await create();
    expect(await faultsOf(connections.update(CALLER, id, { vendor: 'fake' } as any))).toEqual(['/vendor immutable']);
    expect(await faultsOf(connections.update(CALLER, id, { id, version: 3 } as any))).toEqual([
      '/id unknown_field',
      '/version unknown_field',
    ]);
    expect(await faultsOf(change(id, { aKey: 1, pasword: null }))).toEqual([
      '/settings/aKey unknown_field',
      '/settings/pasword unknown_field',
    ]);
    for (const odd of [null, [], 'text', 5, true] as any[]) {
      expect(await faultsOf(change(id, odd))).toEqual(['/settings wrong_type']);
      expect(await faultsOf(connections.update(CALLER, id, odd))).toEqual([' wrong_type']);
    }
    expect(await faultsOf(connections.update(CALLER, id, { name: null, fromEmail: 'x' } as any))).toEqual([
      '/name required',
      '/fromEmail invalid_email',
    ]);
    expect((await connections.get(CALLER, id)).version).toBe(1);
  });

  it.each(['••••', '********', '••••3f9c', '…3f9c', ' •••• ', 'xxxxxxxx', '●●●●●●', '***'])(
    'refuses the mask %j for a secret, before and after it is stored',
    async (mask) => {
      const { id } = await create();
      expect(await faultsOf(change(id, { apiKey: mask }))).toEqual(['/settings/apiKey secret_masked']);
      expect(await faultsOf(create({ apiKey: mask }))).toEqual(['/settings/apiKey secret_masked']);
      expect(await secretsOf(id)).toEqual({ apiKey: API_KEY });
      // In a field that is no secret they are text.
      expect((await change(id, { note: mask })).settings['note']).toBe(mask);
    },
  );

  it.each(['p*ssw•rd', '*starts-with-a-star', 'xxx', 'ends-with-dots…'])('takes %j for a secret', async (secret) => {
    const { id } = await create();
    await change(id, { apiKey: secret });
    expect(await secretsOf(id)).toEqual({ apiKey: secret });
  });

  it('refuses what is shown of a secret in the place of the secret', async () => {
    const { id, secrets } = await create();
    expect(await faultsOf(change(id, { apiKey: secrets['apiKey'] }))).toEqual(['/settings/apiKey wrong_type']);
  });

  it('drops stored fields that no longer apply, and those that depend on them', async () => {
    const { id } = await create({ account: 'me', mode: 'regional', region: 'us', zone: 'z' });
    const global = await change(id, { mode: 'global', apiKey: 'new' });
    expect(global.settings).toEqual({
      baseUrl: 'https://api.fake.example',
      authentication: 'key',
      account: 'me',
      mode: 'global',
      retries: 3,
    });
    const open = await change(id, { authentication: 'none' });
    expect(open.settings).not.toHaveProperty('account');
    expect(open.secrets).toEqual({});
    expect(await secretsOf(id)).toEqual({});
    expect(await faultsOf(change(id, { account: 'me' }))).toEqual(['/settings/account not_applicable']);
    expect(await faultsOf(change(id, { authentication: 'key' }))).toEqual(['/settings/apiKey required']);
  });

  it('keeps what depends on a field that goes back to its default', async () => {
    const { id } = await create({ account: 'me' });
    const after = await change(id, { authentication: null });
    expect([after.version, after.settings['account']]).toEqual([1, 'me']);
    expect(await secretsOf(id)).toEqual({ apiKey: API_KEY });
  });

  it('gets along with settings that an older adapter stored', async () => {
    const { id } = await create({ account: 'me' });
    // `authentication` is new since then, `relic` has gone.
    const settings = JSON.stringify({ baseUrl: 'https://api.fake.example', account: 'me', relic: 1 });
    await module.dataSource.query('UPDATE connections SET settings = ? WHERE id = ?', [settings, id]);
    const after = await change(id, { note: 'N' });
    expect(after.settings).toEqual({
      baseUrl: 'https://api.fake.example',
      authentication: 'key',
      account: 'me',
      mode: 'global',
      note: 'N',
      retries: 3,
    });
    expect(await secretsOf(id)).toEqual({ apiKey: API_KEY });
  });

  it('takes secrets as long as a vendor may declare them', async () => {
    const long = '🔑'.repeat(4096);
    const { id } = await create({ apiKey: long, secondKey: long, signingKey: long });
    expect(await secretsOf(id)).toEqual({ apiKey: long, secondKey: long, signingKey: long });
  });
});

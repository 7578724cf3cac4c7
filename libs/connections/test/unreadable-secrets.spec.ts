import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, ConnectionTester, KeyHealthService, SecretsUnreadableError } from '../src/index.ts';
import { fakeConnection } from './support/inputs.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, newKey, TestModule } from './support/test-module.ts';

describe.each(DATABASES)('a connection whose key was lost, on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let id: string;

  beforeEach(async () => {
    const database = await createDatabase(kind);
    const writer = await TestModule.on(database);
    const input = fakeConnection({ secondKey: 'second' });
    id = (await writer.app.get(ConnectionsService).create(CALLER, input)).id;
    await writer.stop();
    module = await TestModule.on(database, { encryptionKeys: newKey('other') });
    connections = module.app.get(ConnectionsService);
  });

  afterEach(async () => {
    await module.end();
  });

  const update = (settings: Record<string, unknown>) => connections.update(CALLER, id, { settings });

  it('can be read, renamed and deleted, and keeps its encrypted text', async () => {
    const { secrets } = (await module.row(id)) ?? {};
    expect((await connections.get(CALLER, id)).secrets).toHaveProperty('apiKey');
    expect((await connections.update(CALLER, id, { name: 'New' })).name).toBe('New');
    await connections.delete(CALLER, id);
    expect((await module.row(id))?.['secrets']).toBe(secrets);
  });

  it('takes no settings and no test, and nothing is written', async () => {
    const row = { ...(await module.row(id)), guard: 0 };
    for (const call of [
      () => update({ note: 'x' }),
      () => update({ apiKey: 'new' }),
      () => update({ secondKey: null }),
      () => module.app.get(ConnectionTester).test(CALLER, id),
      () => module.app.get(ConnectionTester).testUnsaved(CALLER, { connectionId: id, settings: {} }),
    ]) {
      const error = (await failureOf(call())) as SecretsUnreadableError;
      expect([error.name, error.connectionId]).toEqual(['SecretsUnreadableError', id]);
    }
    expect({ ...(await module.row(id)), guard: 0 }).toEqual(row);
    expect(module.adapter.calls).toEqual([]);
  });

  it('comes back when every secret is entered anew or cleared', async () => {
    expect((await update({ apiKey: 'new', secondKey: null })).secrets).toEqual({
      apiKey: { set: true, hint: null, updatedAt: expect.any(String) },
    });
    await module.app.get(ConnectionTester).test(CALLER, id);
    expect(module.adapter.calls[0]?.settings.apiKey).toBe('new');
    expect((await module.app.get(KeyHealthService).check()).unreadable.count).toBe(0);
  });

  it('comes back when it needs no secret any more', async () => {
    const open = await update({ authentication: 'none', apiKey: null, secondKey: null });
    expect([open.secrets, open.version]).toEqual([{}, 2]);
    expect(await module.row(id)).toMatchObject({ secrets: null, key_id: null });
  });

  it('still names what is wrong with the new values', async () => {
    expect(await faultsOf(update({ apiKey: '', secondKey: 'x' }))).toEqual(['/settings/apiKey required']);
    expect(await faultsOf(update({ apiKey: '••••', secondKey: 'x' }))).toEqual(['/settings/apiKey secret_masked']);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { type Connection, ConnectionsService, ConnectionTester } from '../src/index.ts';
import { API_KEY, fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const STORED = { baseUrl: 'https://own.example', account: 'me', mode: 'regional', region: 'us' };

/** Whoever may edit a connection must not be able to send its secret to a place of his own. */
describe.each(DATABASES)('secrets are bound to where they go, on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let stored: Connection;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
  });

  beforeEach(async () => {
    stored = await connections.create(CALLER, fakeConnection(STORED));
    module.adapter.calls.length = 0;
  });

  afterAll(async () => {
    await module.end();
  });

  const update = (settings: Record<string, unknown>) => connections.update(CALLER, stored.id, { settings });
  const test = (settings: Record<string, unknown>) =>
    module.app.get(ConnectionTester).testUnsaved(CALLER, { connectionId: stored.id, settings });

  it.each([
    ['another address', { baseUrl: 'https://evil.example' }],
    ['an address cleared back to its default', { baseUrl: null }],
    ['another account', { account: 'you' }],
    ['no account any more', { account: null }],
    ['another region', { region: 'eu' }],
    ['a region cleared back to its default', { region: null }],
    ['a region that no longer applies', { mode: 'global' }],
    ['a harmless change beside it', { note: 'x', baseUrl: 'https://evil.example' }],
    ['the secret cleared and asked to stay', { baseUrl: 'https://evil.example', apiKey: undefined }],
  ])('%s asks for the secret again, stored or tested', async (_what, settings) => {
    const row = { ...(await module.row(stored.id)), guard: 0 };
    expect(await faultsOf(update(settings))).toEqual(['/settings/apiKey secret_required']);
    expect(await faultsOf(test(settings))).toEqual(['/settings/apiKey secret_required']);
    expect(module.adapter.calls).toEqual([]);
    expect({ ...(await module.row(stored.id)), guard: 0 }).toEqual(row);
  });

  it('a region that begins to apply asks for the secret', async () => {
    stored = await connections.create(CALLER, fakeConnection());
    expect(await faultsOf(update({ mode: 'regional' }))).toEqual(['/settings/apiKey secret_required']);
    expect(await faultsOf(test({ mode: 'regional', region: 'us' }))).toEqual(['/settings/apiKey secret_required']);
  });

  it('asks for each secret that would go along, but for none that only checks what comes in', async () => {
    await update({ secondKey: 'second', signingKey: 'signing' });
    const settings = { baseUrl: 'https://evil.example' };
    expect(await faultsOf(update(settings))).toEqual([
      '/settings/apiKey secret_required',
      '/settings/secondKey secret_required',
    ]);
    expect(await faultsOf(update({ ...settings, apiKey: 'new' }))).toEqual(['/settings/secondKey secret_required']);
    expect((await update({ ...settings, apiKey: 'new', secondKey: null })).secrets).toMatchObject({
      apiKey: { set: true },
      signingKey: { set: true },
    });
  });

  it('asks for nothing when the secret is given anew, or none is left', async () => {
    const settings = { baseUrl: 'https://new.example', apiKey: API_KEY };
    await test(settings);
    expect(module.adapter.calls[0]?.settings).toMatchObject(settings);
    expect((await update(settings)).settings['baseUrl']).toBe('https://new.example');
    expect((await update({ authentication: 'none', baseUrl: 'https://open.example' })).secrets).toEqual({});
    expect((await update({ baseUrl: 'https://other.example' })).settings['baseUrl']).toBe('https://other.example');
  });

  it('asks for nothing when what is given is what is stored, or decides nothing', async () => {
    await update(STORED);
    await update({ note: 'x', retries: 1, zone: 'z' });
    await test({ note: 'y', retries: 2 });
    expect(module.adapter.calls[0]?.settings).toMatchObject({ ...STORED, apiKey: API_KEY, note: 'y', retries: 2 });
  });

  it('cannot be got around in two steps: without authentication the secret goes', async () => {
    await update({ authentication: 'none' });
    await update({ baseUrl: 'https://evil.example' });
    expect(await faultsOf(update({ authentication: 'key' }))).toEqual(['/settings/apiKey required']);
    expect(await faultsOf(test({ authentication: 'key' }))).toEqual(['/settings/apiKey required']);
  });

  it('a default that applies to nothing binds nothing', async () => {
    stored = await connections.create(CALLER, fakeConnection());
    expect((await update({ note: 'x' })).version).toBe(2);
    expect((await update({})).version).toBe(2);
  });
});

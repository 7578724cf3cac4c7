import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  type Caller,
  type ConnectionsModuleOptions,
  ConnectionsService,
  ConnectionTester,
  LaunchCheck,
  type LaunchCheckInput,
} from '../src/index.ts';
import { SecretCipher } from '../src/secrets/secret-cipher.ts';
import { PASSED } from './support/fake-vendor.ts';
import { fakeConnection } from './support/inputs.ts';
import { faultsOf } from './support/outcome.ts';
import { newKey, TestModule } from './support/test-module.ts';

const NOBODY = '01900000-0000-7000-8000-000000000000';
const DEFAULT = 'news@sender.example';

describe.each(DATABASES)('the launch check on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let caller: Caller;
  let organizations = 0;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    connections = module.app.get(ConnectionsService);
  });
  beforeEach(() => {
    caller = { organization: `launch-${String(++organizations)}`, actor: 'user:1' };
    module.adapter.answer = async () => PASSED;
  });
  afterAll(() => module.end());

  const connect = async (details: object = {}): Promise<string> =>
    (await connections.create(caller, { ...fakeConnection(), ...details })).id;
  const failTest = async (id: string, code: 'authentication_failed' | 'sender_not_verified'): Promise<void> => {
    const error = { stage: 'sender', code, fault: 'sender', retryable: false, hint: 'Fix it.' } as const;
    module.adapter.answer = async () => ({ ...PASSED, ok: false, error });
    await module.app.get(ConnectionTester).test(caller, id);
  };
  const check = async (input?: LaunchCheckInput, visible?: readonly string[]): Promise<string[]> => {
    const { ready, problems } = await module.app.get(LaunchCheck).run(caller, input, visible);
    expect(ready).toBe(problems.length === 0);
    for (const { message } of problems) expect(message).toMatch(/^[A-Z“\w].*\. [A-Z].*\.$/);
    return problems.map(({ code, connectionId }) => `${code} ${connectionId ?? '-'}`);
  };

  it('needs a connection that can send', async () => {
    expect(await check()).toEqual(['no_usable_connection -']);
    const disabled = await connect();
    await connections.disable(caller, disabled);
    const failing = await connect();
    await failTest(failing, 'authentication_failed');
    expect(await check({ connectionIds: undefined } as any)).toEqual([
      'no_usable_connection -',
      `connection_failing ${failing}`,
      `connection_disabled ${disabled}`,
    ]);
    const usable = await connect({ fromEmail: null });
    expect(await check()).toEqual([]);
    // A key that is restricted to another one.
    expect(await check(undefined, [failing])).toEqual(['no_usable_connection -', `connection_failing ${failing}`]);
    expect(await check({ fromEmail: 'a@b.example' }, [usable])).toEqual([
      'no_usable_connection -',
      `sender_unverified ${usable}`,
    ]);
    await connections.delete(caller, usable);
    expect((await check())[0]).toBe('no_usable_connection -');
  });

  it('finds the only usable one of many', async () => {
    const usable = await connect();
    for (let n = 0; n < 101; n++) await connections.disable(caller, await connect());
    expect(await check()).toEqual([]);
    await connections.disable(caller, usable);
    expect(await check()).toHaveLength(101);
  }, 60_000);

  it('names every problem of the chosen connections', async () => {
    const good = await connect();
    const deleted = await connect();
    await connections.delete(caller, deleted);
    const bare = await connect({ fromEmail: null });
    const gone = await connect();
    await module.dataSource.query('UPDATE connections SET vendor = ? WHERE id = ?', ['gone', gone]);
    const broken = await connect();
    await failTest(broken, 'authentication_failed');
    await connections.disable(caller, broken);
    const connectionIds = [good, good, deleted, NOBODY, 'x', bare, gone, broken];
    expect(await check({ connectionIds })).toEqual([
      `connection_not_found ${deleted}`,
      `connection_not_found ${NOBODY}`,
      'connection_not_found x',
      `sender_missing ${bare}`,
      `vendor_unavailable ${gone}`,
      `connection_disabled ${broken}`,
      `connection_failing ${broken}`,
    ]);
    expect(await check({ connectionIds: [good] })).toEqual([]);
    expect(await check({ connectionIds: [good] }, [bare])).toEqual([`connection_not_found ${good}`]);
    const stranger = { organization: 'launch-of-others', actor: 'user:1' };
    const { problems } = await module.app.get(LaunchCheck).run(stranger, { connectionIds: [good] });
    expect(problems.map(({ code }) => code)).toEqual(['connection_not_found']);
  });

  it('reports secrets that were encrypted with a lost key, or for another connection', async () => {
    const [lost, moved, good] = [await connect(), await connect(), await connect()];
    const store = async (id: string, secrets: unknown): Promise<void> => {
      await module.dataSource.query('UPDATE connections SET secrets = ? WHERE id = ?', [secrets, id]);
    };
    const owner = { id: lost, organization: caller.organization, vendor: 'fake' };
    const other = new SecretCipher({ encryptionKeys: newKey('lost') } as ConnectionsModuleOptions);
    await store(lost, (await other.encrypt({ apiKey: 'x' }, owner)).secrets);
    await store(moved, (await module.row(good))?.['secrets']);
    const problems = [`secrets_unreadable ${lost}`, `secrets_unreadable ${moved}`];
    expect(await check({ connectionIds: [lost, moved, good] })).toEqual(problems);
    expect(await check(undefined, [lost, moved])).toEqual(['no_usable_connection -', ...problems.toReversed()]);
    // The newest connections are checked first.
    expect(await check()).toEqual([]);
  });

  it.each([
    [{}, undefined, true],
    [{}, 'NEWS@Sender.example', true],
    [{}, 'news@SENDER.example', true],
    [{}, 'other@sender.example', false],
    [{ allowedSenderDomains: ['sender.example', '*.sender.example'] }, 'other@sender.example', true],
    [{ allowedSenderDomains: ['sender.example', '*.sender.example'] }, 'a@mail.sender.example', true],
    [{ allowedSenderDomains: ['sender.example'] }, 'a@mail.sender.example', false],
  ])('with %j and the sender %s is passed: %s', async (details, fromEmail, isPassed) => {
    const id = await connect(details);
    const found = await check({ connectionIds: [id], ...(fromEmail === undefined ? {} : { fromEmail }) });
    expect(found).toEqual(isPassed ? [] : [`sender_unverified ${id}`]);
  });

  it('reports a sender whose test failed, and no other', async () => {
    const id = await connect({ allowedSenderDomains: ['sender.example'] });
    await failTest(id, 'sender_not_verified');
    expect(await check({ connectionIds: [id] })).toEqual([`sender_unverified ${id}`]);
    expect(await check({ connectionIds: [id], fromEmail: DEFAULT })).toEqual([`sender_unverified ${id}`]);
    expect(await check({ connectionIds: [id], fromEmail: 'other@sender.example' })).toEqual([]);
  });

  it('names every fault of its input', async () => {
    const run = (input: any): Promise<unknown> => module.app.get(LaunchCheck).run(caller, input);
    expect(await faultsOf(run({ connectionIds: [], fromEmail: 'x', color: 1 }))).toEqual([
      '/connectionIds required',
      '/fromEmail invalid_email',
      '/color unknown_field',
    ]);
    expect(await faultsOf(run({ connectionIds: Array.from({ length: 101 }, () => NOBODY) }))).toEqual([
      '/connectionIds too_many',
    ]);
  });
});

import { recipientsOf } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  ConnectionTester,
  EmailSender,
  LaunchCheck,
  SendingModeUnknownError,
  SendFailedError,
} from '../src/index.ts';
import { CourierAdapter, COURIERS, type SendCall, TaggerAdapter } from './support/courier-vendor.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, TestModule, type TestOptions } from './support/test-module.ts';

const HELLO = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello Ada' };
const STAGING = 'staging@sender.example';

describe.each(DATABASES)('the mode of a connection on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;
  let courier: CourierAdapter;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    connections = module.app.get(ConnectionsService);
    courier = module.app.get(CourierAdapter);
  });
  afterAll(() => module.end());

  const connect = async (details: object = {}, vendor = 'courier'): Promise<string> => {
    const input = { name: 'Post', vendor, fromEmail: 'news@sender.example', settings: { password: 'secret' } };
    return (await connections.create(CALLER, { ...input, ...details })).id;
  };
  const send = (id: string, message: object = {}, options = {}) =>
    module.app.get(EmailSender).send(CALLER, id, { ...HELLO, ...message }, options);

  it.each([
    ['paused', STAGING],
    ['', STAGING],
    ['LIVE', STAGING],
    ['redirect', null],
    ['redirect', 'nobody'],
  ])('sends nothing if it is stored as %j with the address %j', async (mode, redirectTo) => {
    const id = await connect({ mode: 'drop' });
    const statement = 'UPDATE connections SET sending_mode = ?, redirect_to = ? WHERE id = ?';
    await module.dataSource.query(statement, [mode, redirectTo, id]);
    const calls = courier.calls.length;
    expect(await failureOf(send(id))).toBeInstanceOf(SendingModeUnknownError);
    const test = module.app.get(ConnectionTester).test(CALLER, id, { to: ['ada@recipient.example'] });
    expect(await failureOf(test)).toBeInstanceOf(SendingModeUnknownError);
    expect(courier.calls).toHaveLength(calls);
    const { ready, problems } = await module.app.get(LaunchCheck).run(CALLER, { connectionIds: [id] });
    expect([ready, problems.map(({ code, severity }) => [code, severity])]).toEqual([
      false,
      [['mode_unknown', 'error']],
    ]);
    expect((await connections.update(CALLER, id, { mode: 'live', redirectTo: null })).mode).toBe('live');
    expect((await send(id)).accepted).toEqual(['ada@recipient.example']);
  });

  it('needs an address to redirect to, and keeps it for later', async () => {
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'secret' } };
    const create = (details: object): Promise<unknown> => connections.create(CALLER, { ...input, ...details });
    expect(await faultsOf(create({ mode: 'redirect' }))).toEqual(['/redirectTo required']);
    expect(await faultsOf(create({ mode: 'redirect', redirectTo: 'x' }))).toEqual(['/redirectTo invalid_email']);
    expect(await faultsOf(create({ mode: 'paused' }))).toEqual(['/mode not_an_option']);
    const id = await connect({ mode: 'redirect', redirectTo: STAGING });
    expect(await faultsOf(connections.update(CALLER, id, { redirectTo: null }))).toEqual(['/redirectTo required']);
    const live = await connections.update(CALLER, id, { mode: 'live' });
    expect(live).toMatchObject({ mode: 'live', redirectTo: STAGING });
  });

  it('redirects a message with its recipients in the subject and a header, within their limits', async () => {
    const id = await connect({ mode: 'redirect', redirectTo: STAGING });
    const to = Array.from({ length: 900 }, (_, n) => ({ email: `r${String(n)}@recipient.example` }));
    const result = await send(id, { to, subject: 'x'.repeat(998), headers: { 'X-Campaign': 'spring' } });
    expect(result.accepted).toEqual([STAGING]);
    const { message } = courier.calls.at(-1) as SendCall;
    expect(recipientsOf(message)).toEqual([STAGING]);
    expect(message.subject).toMatch(/^\[r0@recipient\.example, .* and \d+ more\] x+$/);
    expect(message.subject).toHaveLength(998);
    const { 'X-Score-Original-To': original = '', ...headers } = message.headers ?? {};
    expect(original).toMatch(/^r0@recipient\.example, r1@.* and \d+ more$/);
    expect(original.length).toBeLessThan(1_600);
    expect(headers).toMatchObject({ 'X-Campaign': 'spring' });
    await send(id, { cc: [{ email: 'cc@recipient.example' }], bcc: [{ email: 'bcc@recipient.example' }] });
    const copies = (courier.calls.at(-1) as SendCall).message;
    expect(copies).not.toHaveProperty('cc');
    expect(copies).not.toHaveProperty('bcc');
    expect(JSON.stringify(copies.to)).not.toContain('recipient.example');
  });

  it('takes effect with the next message', async () => {
    const id = await connect({}, 'tagger');
    const tagger = module.app.get(TaggerAdapter);
    const recipients = async (): Promise<readonly string[]> => (await send(id)).accepted;
    expect(await recipients()).toEqual(['ada@recipient.example']);
    await connections.update(CALLER, id, { mode: 'redirect', redirectTo: STAGING });
    expect(await recipients()).toEqual([STAGING]);
    await connections.update(CALLER, id, { mode: 'drop' });
    const calls = tagger.calls.length;
    const dropped = await send(id, {}, { idempotencyKey: 'once' });
    expect(dropped.messageId).toMatch(/^dropped-/);
    expect(tagger.calls).toHaveLength(calls);
    await connections.update(CALLER, id, { mode: 'live' });
    // It was accepted before.
    expect(await send(id, {}, { idempotencyKey: 'once' })).toEqual({ ...dropped, replayed: true });
    expect(tagger.calls).toHaveLength(calls);
  });

  it('is not used up by a failure: a redirected message fails like any other', async () => {
    const id = await connect({ mode: 'redirect', redirectTo: STAGING });
    courier.answer = () => Promise.reject(new Error('down'));
    expect(await failureOf(send(id))).toBeInstanceOf(SendFailedError);
    courier.answer = async ({ message }) => courier.acceptAll(message);
  });
});

describe('the mode of the module', () => {
  it.each([
    [{ sendingMode: 'paused' }, 'sendingMode must be one of live, redirect, drop.'],
    [{ sendingMode: 'redirect' }, 'sendingRedirectTo must be an email address.'],
    [{ sendingMode: 'redirect', sendingRedirectTo: 'nobody' }, 'sendingRedirectTo must be an email address.'],
    [{ sendingRedirectTo: STAGING }, 'sendingMode is not redirect.'],
  ])('prevents the start if it is %j', async (options, message) => {
    const database = await createDatabase('SQLite');
    await expect(TestModule.on(database, options as TestOptions)).rejects.toThrow(message);
  });
});

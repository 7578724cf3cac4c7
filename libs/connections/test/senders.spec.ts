import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, ConnectionTester, EmailSender, LaunchCheck } from '../src/index.ts';
import { CourierAdapter, COURIERS, type SendCall } from './support/courier-vendor.ts';
import { faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const NEWS = { email: 'news@sender.example', name: 'News', replyTo: 'help@sender.example' };
const SHOP = { email: 'shop@sender.example', replyTo: 'orders@sender.example' };
const BARE = { email: 'bare@sender.example' };

describe.each(DATABASES)('the senders of a connection on %s', (kind) => {
  let module: TestModule;
  let connections: ConnectionsService;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    connections = module.app.get(ConnectionsService);
  });
  afterAll(() => module.end());

  const create = (details: object) =>
    connections.create(CALLER, { name: 'Post', vendor: 'courier', settings: { password: 'secret' }, ...details });
  const fieldsOf = async (id: string): Promise<unknown[]> =>
    (await module.rows('audit_entries'))
      .filter((row) => row['subject'] === id)
      .map(({ fields }) => (typeof fields === 'string' ? (JSON.parse(fields) as unknown) : fields));

  it('are stored with the default one first, changed as a whole, and cleared', async () => {
    const created = await create({ senders: [NEWS, SHOP, BARE] });
    const { id } = created;
    expect(created).toMatchObject({ fromEmail: NEWS.email, fromName: 'News', senders: [NEWS, SHOP, BARE] });
    expect((await connections.get(CALLER, id)).senders).toEqual([NEWS, SHOP, BARE]);
    expect(await connections.update(CALLER, id, { senders: [NEWS, { ...SHOP }, BARE] })).toMatchObject({ version: 1 });
    const swapped = await connections.update(CALLER, id, { senders: [SHOP, NEWS] });
    expect(swapped).toMatchObject({ fromEmail: SHOP.email, fromName: null, senders: [SHOP, NEWS], version: 2 });
    for (const cleared of [[], null]) {
      const { senders, fromEmail } = await connections.update(CALLER, id, { senders: cleared });
      expect([senders, fromEmail]).toEqual([[], null]);
    }
    expect(await fieldsOf(id)).toEqual([
      ['name', 'fromEmail', 'fromName', 'senders', 'settings.password'],
      ['fromEmail', 'fromName', 'senders'],
      ['fromEmail', 'senders'],
    ]);
  });

  it('include the default one that fromEmail and fromName change', async () => {
    const { id } = await create({ fromEmail: NEWS.email, fromName: 'News' });
    expect((await connections.get(CALLER, id)).senders).toEqual([{ email: NEWS.email, name: 'News' }]);
    await connections.update(CALLER, id, { senders: [NEWS, SHOP] });
    const renamed = await connections.update(CALLER, id, { fromEmail: 'new@sender.example', fromName: null });
    expect(renamed.senders).toEqual([{ email: 'new@sender.example', replyTo: NEWS.replyTo }, SHOP]);
    expect(await faultsOf(connections.update(CALLER, id, { fromEmail: null }))).toEqual(['/fromEmail required']);
    expect(await faultsOf(connections.update(CALLER, id, { fromEmail: 'SHOP@sender.example' }))).toEqual([
      '/fromEmail repeated',
    ]);
    // A name without an address stays possible.
    expect(await create({ fromName: 'News' })).toMatchObject({ fromName: 'News', senders: [] });
  });

  it('report every error at its place', async () => {
    const senders = [{ email: 'x' }, { email: BARE.email, replyTo: 'y', color: 1 }, { name: 'News' }];
    expect(await faultsOf(create({ senders }))).toEqual([
      '/senders/0/email invalid_email',
      '/senders/1/replyTo invalid_email',
      '/senders/1/color unknown_field',
      '/senders/2/email required',
    ]);
    expect(await faultsOf(create({ senders: [NEWS], fromEmail: NEWS.email }))).toEqual(['/senders not_applicable']);
    expect(await faultsOf(create({ senders: [NEWS, SHOP, { email: 'News@sender.example' }] }))).toEqual([
      '/senders/2/email repeated',
    ]);
    const domains = { allowedSenderDomains: ['sender.example'] };
    expect(await faultsOf(create({ senders: [NEWS, { email: 'a@b.example' }], ...domains }))).toEqual([
      '/senders/1/email sender_domain_not_allowed',
    ]);
    const { id } = await create({ senders: [NEWS, { email: 'a@b.example' }] });
    expect(await faultsOf(connections.update(CALLER, id, domains))).toEqual([
      '/allowedSenderDomains sender_domain_not_allowed',
    ]);
    const many = Array.from({ length: 51 }, (_, n) => ({ email: `s${String(n)}@sender.example` }));
    expect(await faultsOf(create({ senders: many }))).toEqual(['/senders too_many']);
  });

  it.each([
    ['the default sender', {}, [{ email: NEWS.replyTo }]],
    ['another sender', { from: { email: 'Shop@SENDER.example', name: 'Shop' } }, [{ email: SHOP.replyTo }]],
    ['a sender without one', { from: BARE }, undefined],
    ['an address that is no sender', { from: { email: 'else@sender.example' } }, undefined],
    ['a message that names one', { replyTo: [{ email: 'own@sender.example' }] }, [{ email: 'own@sender.example' }]],
    ['a message that names none on purpose', { replyTo: [] }, []],
  ])('fill in Reply-To for %s', async (_who, fields, expected) => {
    const { id } = await create({ senders: [NEWS, SHOP, BARE] });
    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello', ...fields };
    await module.app.get(EmailSender).send(CALLER, id, message);
    const sent = (module.app.get(CourierAdapter).calls.at(-1) as SendCall).message;
    expect(sent.replyTo).toEqual(expected);
  });

  it('can each be tested', async () => {
    const { id } = await create({ senders: [NEWS, SHOP] });
    const test = (fields: object) =>
      module.app.get(ConnectionTester).testUnsaved(CALLER, { connectionId: id, ...fields });
    for (const fields of [{ fromEmail: SHOP.email, fromName: null }, { senders: [SHOP] }, { senders: [SHOP, NEWS] }]) {
      expect((await test(fields)).diagnosis.ok).toBe(true);
    }
  });

  it('count as verified in the launch check', async () => {
    const { id } = await create({ senders: [NEWS, SHOP] });
    const check = async (fromEmail: string): Promise<boolean> =>
      (await module.app.get(LaunchCheck).run(CALLER, { connectionIds: [id], fromEmail })).ready;
    expect([await check(NEWS.email), await check(SHOP.email), await check(BARE.email)]).toEqual([true, true, false]);
  });
});

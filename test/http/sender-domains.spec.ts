import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/connections';
const NOT_ALLOWED = { code: 'sender_domain_not_allowed' };

describe.each(ANY_DATABASE)('allowed sender domains on %s', (kind) => {
  let service: TestService;
  let sender: string;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
    sender = await service.tokenFor('default', 'send');
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const create = async (changes: object = {}): Promise<any> => {
    const body = { ...smtpConnection(service.secret(), { host: '127.0.0.1', port: 1 }), ...changes };
    return service.call('POST', PATH, { body });
  };
  const send = (id: string, from?: object) =>
    service.call('POST', `${PATH}/${id}/messages`, {
      token: sender,
      body: { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello', ...(from && { from }) },
    });

  it('are stored canonically, shown everywhere, and cleared', async () => {
    const created = await create({ allowedSenderDomains: ['Sender.EXAMPLE', '*.bücher.example'] });
    expect(created.status).toBe(201);
    const domains = ['sender.example', '*.xn--bcher-kva.example'];
    expect(created.body.allowedSenderDomains).toEqual(domains);
    const path = `${PATH}/${String(created.body.id)}`;
    expect((await service.call('GET', path)).body.allowedSenderDomains).toEqual(domains);
    const listed = (await service.call('GET', '/api/v1/sender-defaults?limit=1')).body.data[0];
    expect(listed).toMatchObject({ id: created.body.id, allowedSenderDomains: domains });
    const same = await service.call('PATCH', path, {
      body: { allowedSenderDomains: ['SENDER.example', '*.bücher.example'] },
    });
    expect(same.body.version).toBe(1);
    for (const cleared of [null, []]) {
      const answer = await service.call('PATCH', path, { body: { allowedSenderDomains: cleared } });
      expect([answer.status, answer.body.allowedSenderDomains, answer.body.version]).toEqual([200, [], 2]);
    }
  });

  it('refuse a message from another domain before anything is contacted', async () => {
    const { id } = (await create({ allowedSenderDomains: ['sender.example'] })).body;
    for (const email of ['ceo@bank.example', 'news@sub.sender.example', 'news@sender.example.evil.example']) {
      const answer = await send(id, { email });
      expect([email, answer.status]).toEqual([email, 422]);
      expect(answer.body.errors).toMatchObject([{ pointer: '/from/email', ...NOT_ALLOWED }]);
    }
    // Nothing listens there: these came as far as connecting.
    for (const from of [undefined, { email: 'other@SENDER.example' }]) {
      const answer = await send(id, from);
      expect(answer.body.error).toMatchObject({ code: 'connection_refused' });
    }
  });

  it.each([
    ['news@sender.example.', 'invalid_email'],
    ['news@sender.example <ceo@bank.example>', 'invalid_email'],
    ['', 'required'],
    [5, 'wrong_type'],
    [null, 'required'],
  ])('leave the sender %j to the rule that it breaks', async (email, code) => {
    const { id } = (await create({ allowedSenderDomains: ['sender.example'] })).body;
    const answer = await send(id, { email });
    expect([answer.status, answer.body.errors]).toMatchObject([422, [{ pointer: '/from/email', code }]]);
  });

  it('do not restrict a connection without them', async () => {
    const { id } = (await create()).body;
    expect((await send(id, { email: 'ceo@bank.example' })).body.error).toMatchObject({ code: 'connection_refused' });
  });

  it('are held against the sender of the connection, when it is stored and when it is tested', async () => {
    const refused = await create({ allowedSenderDomains: ['other.example'] });
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: '/fromEmail', ...NOT_ALLOWED }]]);
    const { id } = (await create({ allowedSenderDomains: ['sender.example'] })).body;
    const changes = [{ fromEmail: 'a@other.example' }, { allowedSenderDomains: ['other.example'] }];
    for (const body of changes) {
      const patched = await service.call('PATCH', `${PATH}/${String(id)}`, { body });
      expect([patched.status, patched.body.errors]).toMatchObject([422, [{ pointer: '/fromEmail', ...NOT_ALLOWED }]]);
      const tested = await service.call('POST', `${PATH}/test`, { body: { connectionId: id, ...body } });
      expect([tested.status, tested.body.errors]).toMatchObject([422, [{ pointer: '/fromEmail', ...NOT_ALLOWED }]]);
    }
  });

  it('apply to all senders, which both lists of connections show', async () => {
    const senders = [
      { email: 'news@sender.example', name: 'News', replyTo: 'help@other.example' },
      { email: 'shop@sender.example' },
    ];
    const created = await create({ fromEmail: undefined, fromName: undefined, senders });
    expect([created.status, created.body.senders, created.body.fromName]).toEqual([201, senders, 'News']);
    const path = `${PATH}/${String(created.body.id)}`;
    const listed = (await service.call('GET', '/api/v1/sender-defaults?limit=1')).body.data[0];
    expect(listed).toMatchObject({ id: created.body.id, senders, fromEmail: 'news@sender.example' });
    const refused = await service.call('PATCH', path, { body: { allowedSenderDomains: ['other.example'] } });
    expect([refused.status, refused.body.errors[0]]).toMatchObject([422, NOT_ALLOWED]);
    const body = { connectionId: created.body.id, senders: [{ email: 'x' }], settings: {} };
    const tested = await service.call('POST', `${PATH}/test`, { body });
    expect([tested.status, tested.body.errors]).toMatchObject([422, [{ pointer: '/senders/0/email' }]]);
  });

  it('can be changed only with the scope manage', async () => {
    const { id } = (await create({ allowedSenderDomains: ['sender.example'] })).body;
    const answer = await service.call('PATCH', `${PATH}/${String(id)}`, {
      token: sender,
      body: { allowedSenderDomains: null },
    });
    expect(answer.status).toBe(403);
  });
});

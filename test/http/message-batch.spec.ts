import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDatabase } from '../support/databases.ts';
import { connectTo, eventsOf, HELLO } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

const NOWHERE = '/api/v1/connections/0199d3c8-7a00-7000-8000-000000000000';

describe('a batch over HTTP', () => {
  let service: TestService;
  let server: TestSmtpServer;
  let path: string;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
    server = await TestSmtpServer.start({
      refuse: { recipients: { 'dead@recipient.example': '550 5.1.1 No such user' } },
    });
    path = await connectTo(service, server);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
    await server.close();
  });

  const post = (messages: unknown, to = path, token?: string) =>
    service.call('POST', `${to}/messages/batch`, { body: { messages }, ...(token === undefined ? {} : { token }) });
  const message = (name: string) => ({ ...HELLO, to: [{ email: `${name}@recipient.example` }] });

  it('has an outcome for each message, in their order', async () => {
    const messages = [message('ada'), { ...HELLO, subject: 5 }, message('dead'), message('bob'), 'nothing'];
    const { status, body } = await post(messages);
    expect(status).toBe(200);
    expect(body.data).toEqual([
      {
        index: 0,
        message: { messageId: expect.stringContaining('@'), accepted: ['ada@recipient.example'], rejected: [] },
      },
      {
        index: 1,
        problem: expect.objectContaining({
          status: 422,
          code: 'invalid_input',
          errors: [expect.objectContaining({ pointer: '/subject', code: 'wrong_type' })],
        }),
      },
      {
        index: 2,
        problem: expect.objectContaining({
          status: 422,
          code: 'send_failed',
          error: expect.objectContaining({ code: 'recipient_rejected', smtpCode: 550 }),
        }),
      },
      { index: 3, message: expect.objectContaining({ accepted: ['bob@recipient.example'] }) },
      { index: 4, problem: expect.objectContaining({ code: 'invalid_input' }) },
    ]);
    expect(server.messages.flatMap(({ to }) => to).toSorted()).toEqual([
      'ada@recipient.example',
      'bob@recipient.example',
    ]);
    expect(await eventsOf(service, path)).toHaveLength(2);
  });

  it('accepts 1,000 messages with many values', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${String(index)}`, 'value']));
    const messages = Array.from({ length: 1_000 }, (_, index) => ({ ...message(`r${String(index)}`), metadata }));
    // Not the time of this machine: SMTP has no metadata, and each of them is rejected before anything is sent.
    jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(new AbortController().signal);
    const { status, body } = await post(messages);
    expect([status, body.data.length]).toEqual([200, 1_000]);
    expect(body.data[999]).toMatchObject({ index: 999, problem: { error: { code: 'unsupported' } } });
  });

  it('says when a message may be sent again', async () => {
    const limited = await connectTo(service, server);
    await service.call('PATCH', limited, { body: { limits: { perDay: 1 } } });
    const { body } = await post([message('ada'), message('bob')], limited);
    const problems = body.data.flatMap(({ problem }: any) => problem ?? []);
    expect(problems).toEqual([
      expect.objectContaining({ status: 429, code: 'sending_limit_exceeded', retryAfter: expect.any(Number) }),
    ]);
    expect(problems[0].retryAfter).toBeGreaterThan(0);
  });

  it('reports the messages that were not started in time', async () => {
    const before = server.messages.length;
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort(reason));
    const { status, body } = await post([message('ada'), message('bob')]);
    expect(status).toBe(200);
    for (const [index, outcome] of body.data.entries()) {
      const problem = { status: 503, code: 'batch_timeout', retryAfter: 5 };
      expect(outcome).toEqual({ index, problem: expect.objectContaining(problem) });
    }
    expect(server.messages).toHaveLength(before);
  });

  it.each<[string, unknown, string]>([
    ['without messages', {}, '/messages required'],
    ['with an empty list', { messages: [] }, '/messages required'],
    ['with an object in place of the list', { messages: {} }, '/messages wrong_type'],
    ['with 1,001 messages', { messages: Array(1_001).fill(HELLO) }, '/messages too_many'],
    ['with an unknown field', { messages: [HELLO], from: 'me' }, '/from unknown_field'],
    ['that is a list', [HELLO], ' wrong_type'],
  ])('rejects a body %s', async (_what, body, fault) => {
    const { status, body: problem } = await service.call('POST', `${path}/messages/batch`, { body });
    expect(status).toBe(422);
    expect(problem.errors.map(({ pointer, code }: any) => `${pointer} ${code}`)).toEqual([fault]);
  });

  it('needs the scope to send, and a connection', async () => {
    expect((await post([HELLO], path, await service.tokenFor('default', 'read'))).status).toBe(403);
    expect((await post([HELLO], path, await service.tokenFor('default', 'send'))).status).toBe(200);
    expect((await post([HELLO], path, await service.tokenFor('other'))).status).toBe(404);
    expect((await post([HELLO], NOWHERE)).status).toBe(404);
  });

  it('sends a message with an idempotency key once, also after the connection was disabled', async () => {
    const own = await connectTo(service, server);
    const before = server.messages.length;
    const messages = ['ada', 'bob'].map((name) => ({ ...message(name), idempotencyKey: `key-${name}` }));
    const first = await post(messages.slice(0, 1), own);
    const second = await post([...messages, { ...message('carl'), idempotencyKey: 'not a key' }], own);
    const [ada, bob, carl] = second.body.data;
    expect(ada).toEqual({ ...first.body.data[0], replayed: true });
    expect(bob).toEqual({ index: 1, message: expect.objectContaining({ accepted: ['bob@recipient.example'] }) });
    expect(carl.problem.errors).toEqual([expect.objectContaining({ pointer: '/idempotencyKey', code: 'malformed' })]);
    await service.call('POST', `${own}/disable`);
    const third = await post([...messages, message('dora')], own);
    expect(third.body.data.map(({ replayed, problem }: any) => replayed ?? problem.code)).toEqual([
      true,
      true,
      'connection_disabled',
    ]);
    expect(server.messages).toHaveLength(before + 2);
  });
});

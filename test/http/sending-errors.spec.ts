import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers, SANDBOX_KEYS, SendgridSandbox } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import { connectTo, createConnection, eventsOf, send } from '../support/sending.ts';
import { type Answer, TestService } from '../support/service.ts';
import { type Refusals, TestSmtpServer } from '../support/smtp-server.ts';

const WRONG_KEY = 'SG.a-key-that-nobody-made.aV9kUeW2QpLrT5xYzB3nMc';
/** Long enough for everything but silence. */
const SEND_TIMEOUT_MS = 2_500;

/** Status, code, fault and whether it may succeed later. */
type Expected = readonly [status: number, code: string, fault: string, retryable: boolean];

describe.each(ANY_DATABASE)('a message that was not sent, on %s', (kind) => {
  let service: TestService;
  let vendor: SendgridSandbox;

  beforeAll(async () => {
    vendor = await new SendgridSandbox().start();
    service = await TestService.start(await createDatabase(kind), {
      vendorEndpoints: { sendgrid: vendor.url },
      sendTimeoutMs: SEND_TIMEOUT_MS,
    });
    for (const key of [...Object.values(SANDBOX_KEYS), WRONG_KEY]) service.watch(key);
  });

  afterAll(async () => {
    await service.stop();
    await vendor.close();
    await service.database.drop();
  });

  function expectFailure(answer: Answer<any>, [status, code, fault, retryable]: Expected): void {
    const { error } = answer.body;
    expect([answer.status, error?.code, error?.fault, error?.retryable]).toEqual([status, code, fault, retryable]);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body).toMatchObject({ status, code: 'send_failed', detail: error.hint });
  }

  describe('by SendGrid', () => {
    const connect = (apiKey: string): Promise<string> =>
      createConnection(service, {
        name: 'Campaigns',
        vendor: 'sendgrid',
        fromEmail: 'news@sender.example',
        settings: { apiKey },
      });

    it.each<[string, string, Expected]>([
      ['the key is wrong', WRONG_KEY, [422, 'authentication_failed', 'configuration', false]],
      ['the quota is used up', SANDBOX_KEYS.noCredits, [429, 'quota_exceeded', 'vendor', true]],
      ['the key lacks the scope', SANDBOX_KEYS.noMailScope, [422, 'permission_denied', 'configuration', false]],
      ['the sender is not verified', SANDBOX_KEYS.unverifiedSender, [422, 'sender_not_verified', 'sender', false]],
      ['too much was sent', SANDBOX_KEYS.rateLimited, [429, 'rate_limited', 'vendor', true]],
      ['the vendor answers 500', SANDBOX_KEYS.serverError, [503, 'temporarily_unavailable', 'vendor', true]],
      ['the vendor answers 503', SANDBOX_KEYS.unavailable, [503, 'temporarily_unavailable', 'vendor', true]],
      ['a proxy answers for the vendor', SANDBOX_KEYS.notJson, [503, 'temporarily_unavailable', 'vendor', true]],
      ['the vendor does not answer', SANDBOX_KEYS.hanging, [504, 'timeout', 'network', true]],
    ])('where %s', async (_name, apiKey, expected) => {
      const path = await connect(apiKey);
      expectFailure(await send(service, path), expected);
      expect(await eventsOf(service, path)).toEqual([]);
    });

    it('tells the key’s fault from the quota’s, though both are 401 at the vendor', async () => {
      const [wrong, quota] = [
        await send(service, await connect(WRONG_KEY)),
        await send(service, await connect(SANDBOX_KEYS.noCredits)),
      ];
      expect([wrong.body.error.status, quota.body.error.status]).toEqual([401, 401]);
      expect([wrong.body.error.stage, quota.body.error.stage]).toEqual(['authenticate', 'message']);
    });

    it('says when it may be sent, where the vendor does', async () => {
      const limited = await send(service, await connect(SANDBOX_KEYS.rateLimited));
      const seconds = Number(limited.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBe(Math.ceil(limited.body.error.retryAfterMs / 1000));
      expect((await send(service, await connect(SANDBOX_KEYS.noCredits))).headers.get('retry-after')).toBeNull();

      vendor.answerNext(jsonAnswer(503, { errors: [] }, { 'Retry-After': '120' }));
      const unavailable = await send(service, await connect(SANDBOX_KEYS.working));
      expect([unavailable.status, unavailable.headers.get('retry-after')]).toEqual([503, '120']);
    });

    it('names the member that the vendor refused', async () => {
      vendor.answerNext(answers.invalid([{ message: 'Invalid address', field: 'personalizations.0.cc.0.email' }]));
      const answer = await send(service, await connect(SANDBOX_KEYS.working));
      expectFailure(answer, [422, 'invalid_request', 'recipient', false]);
      expect(answer.body.errors).toMatchObject([{ pointer: '/cc/0/email', code: 'invalid_request' }]);
      expect(answer.body.error.reply).toBe('Invalid address');
    });

    it.each<[string, SandboxAnswer, Expected]>([
      ['the message is too large for the vendor', answers.tooLarge, [422, 'message_too_large', 'configuration', false]],
      ['the vendor hangs up', 'hang up', [503, 'connection_closed', 'network', true]],
      [
        'the answer is a redirect',
        answers.redirect('https://elsewhere.example/'),
        [422, 'invalid_response', 'configuration', false],
      ],
    ])('where %s', async (_name, answer, expected) => {
      vendor.answerNext(answer);
      expectFailure(await send(service, await connect(SANDBOX_KEYS.working)), expected);
    });

    it('holds no key, though the vendor repeats it', async () => {
      const apiKey = SANDBOX_KEYS.working;
      const echo = [{ message: `Bearer ${apiKey} is wrong`, field: null }];
      vendor.answerNext(answers.invalid(echo));
      const answer = await send(service, await connect(apiKey));
      expect(answer.body.error.reply).toBe('Bearer [redacted] is wrong');
    });
  });

  describe('by SMTP', () => {
    async function refusedBy(refuse: Refusals): Promise<Answer<any>> {
      const server = await TestSmtpServer.start({ username: 'relay', password: service.secret(), refuse });
      const path = await connectTo(service, server);
      const answer = await send(service, path);
      expect(await eventsOf(service, path)).toEqual([]);
      await server.close();
      return answer;
    }

    it.each<[string, Refusals, Expected]>([
      ['the login', { authentication: '535 5.7.8 No' }, [422, 'authentication_failed', 'configuration', false]],
      ['the sender', { sender: '553 5.7.1 Not yours' }, [422, 'sender_rejected', 'sender', false]],
      ['the message', { message: '554 5.6.0 Looks like spam' }, [422, 'message_rejected', 'sender', false]],
      ['the message for now', { message: '451 4.3.0 Try later' }, [503, 'temporarily_unavailable', 'vendor', true]],
      ['more messages', { sender: '451 4.7.1 Rate limit exceeded' }, [429, 'rate_limited', 'vendor', true]],
      [
        'every recipient',
        { recipients: { 'ada@recipient.example': '550 5.1.1 No such user' } },
        [422, 'recipient_rejected', 'recipient', false],
      ],
    ])('where the server refuses %s', async (_name, refuse, expected) => {
      expectFailure(await refusedBy(refuse), expected);
    });

    it('holds no password, though the server repeats it', async () => {
      const password = service.secret();
      const refuse = { message: `554 5.7.0 ${password} is not welcome` };
      const server = await TestSmtpServer.start({ username: 'relay', password, refuse });
      const { error } = (await send(service, await connectTo(service, server))).body;
      expect(error.reply).toBe('554 5.7.0 [redacted] is not welcome');
      await server.close();
    });

    it('where nobody listens', async () => {
      const path = await connectTo(service, { port: await freePort() });
      expectFailure(await send(service, path), [503, 'connection_refused', 'network', true]);
    });

    it.each([
      // Then nothing was sent.
      ['from the beginning', 'greeting', 'connect'],
      ['after the message', 'message', 'message'],
    ])('within the time limit, where the server is silent %s', async (_name, step, stage) => {
      const server = await ScriptedServer.start({ [step]: () => undefined });
      const path = await connectTo(service, { port: server.port });
      const answer = await send(service, path);
      expectFailure(answer, [504, 'timeout', 'network', true]);
      expect(answer.body.error.stage).toBe(stage);
      await server.close();
    });
  });

  it('because we are at fault is told without a word of why', async () => {
    const path = await createConnection(service, {
      name: 'Campaigns',
      vendor: 'sendgrid',
      settings: { apiKey: SANDBOX_KEYS.working },
    });
    const id = path.slice(path.lastIndexOf('/') + 1);
    const unitOfWork = service.app.get(UnitOfWork);
    await unitOfWork.write((tx) => tx.query(`UPDATE connections SET secrets = 'a.b.c.d.e' WHERE id = '${id}'`));
    const answer = await send(service, path, { from: { email: 'news@sender.example' } });
    expect([answer.status, answer.body.code, answer.body.error]).toEqual([503, 'secrets_unreadable', undefined]);
  });
});

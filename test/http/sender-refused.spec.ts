import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { connectTo, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

const ADA = 'ada@recipient.example';
const BOB = 'bob@recipient.example';

/** What servers answer to RCPT TO though they mean the sender, the HELO name or the client. */
const CASES: readonly (readonly [what: string, reply: string, code: string, fault: string])[] = [
  [
    'the sender’s domain',
    '550 5.1.8 <news@sender.example>: Sender address rejected: Domain not found',
    'sender_rejected',
    'sender',
  ],
  [
    'the HELO name',
    '504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname',
    'server_refuses_service',
    'configuration',
  ],
  [
    'the sender of another account',
    '553 5.7.1 <news@sender.example>: Sender address rejected: not owned by user relay',
    'sender_rejected',
    'sender',
  ],
  [
    'the sender, with the code of a dead address',
    "511 sorry, can't find a valid MX for sender domain (#5.1.1 - chkuser)",
    'sender_rejected',
    'sender',
  ],
  [
    'the network address',
    '554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org',
    'server_refuses_service',
    'configuration',
  ],
];

describe.each(ANY_DATABASE)('a reply to RCPT TO that is not about the recipient, on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function refusing(...refusals: readonly (readonly [recipient: string, reply: string])[]) {
    const server = await TestSmtpServer.start({
      username: 'relay',
      password: service.secret(),
      refuse: { recipients: Object.fromEntries(refusals) },
    });
    return { server, path: await connectTo(service, server) };
  }

  it.each(CASES)(
    'fails the message for %s and stores nothing against the recipient',
    async (_what, reply, code, fault) => {
      const { server, path } = await refusing([ADA, reply]);
      const answer = await send(service, path);
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({ code: 'send_failed', error: { code, fault, retryable: false, reply } });
      expect(await eventsOf(service, path)).toEqual([]);

      const { diagnosis } = (await service.call('POST', `${path}/test`, { body: { to: [ADA] } })).body;
      expect(diagnosis).toMatchObject({ ok: false, error: { code, fault } });
      expect(diagnosis.checks).toEqual({
        connectivity: 'passed',
        authentication: 'passed',
        ...(fault === 'sender'
          ? { fromAddress: 'failed', sendPermission: 'skipped' }
          : { fromAddress: 'skipped', sendPermission: 'failed' }),
      });
      await server.close();
    },
  );

  it.each(CASES)('never marks one recipient of two as dead for %s', async (_what, reply, code, fault) => {
    const { server, path } = await refusing([BOB, reply]);
    const answer = await send(service, path, { ...HELLO, to: [{ email: ADA }, { email: BOB }] });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ accepted: [ADA], rejected: [{ recipient: BOB, error: { code, fault } }] });
    const events = await eventsOf(service, path);
    expect(new Set(events.map((event) => event.kind))).toEqual(new Set(['rejected', 'sent']));
    const { bounce } = events.find((event) => event.recipient === BOB);
    expect(['block', 'policy']).toContain(bounce.class);
    expect(bounce).toMatchObject({ rule: code, reason: reply });
    await server.close();
  });

  it('marks an address as dead that the server calls dead', async () => {
    const { server, path } = await refusing([BOB, '550 5.1.1 <bob@recipient.example>: User unknown']);
    await send(service, path, { ...HELLO, to: [{ email: ADA }, { email: BOB }] });
    const [{ bounce }] = await eventsOf(service, path, '&kind=rejected');
    expect(bounce).toMatchObject({ class: 'hard', code: 550, enhancedCode: '5.1.1' });
    await server.close();
  });
});

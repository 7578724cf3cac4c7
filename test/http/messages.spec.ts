import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkedFetch } from '../support/contract.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { anyBytes, connectTo, eventsOf, HELLO, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../support/smtp-server.ts';

const MIB = 1 << 20;
const NOWHERE = '/api/v1/connections/0199d3c8-7a00-7000-8000-000000000000';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe.each(ANY_DATABASE)('messages over SMTP on %s', (kind) => {
  let service: TestService;
  const servers: TestSmtpServer[] = [];

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function mailServer(options: TestSmtpServerOptions = {}): Promise<TestSmtpServer> {
    const server = await TestSmtpServer.start({ username: 'relay', password: service.secret(), ...options });
    servers.push(server);
    return server;
  }

  it('arrive whole, attachments byte for byte', async () => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    const [file, image] = [anyBytes(300_000), anyBytes(5_000)];
    const answer = await send(service, path, {
      from: { email: 'ceo@sender.example', name: 'Zoë' },
      to: [{ email: 'ada@recipient.example', name: 'Ada' }, { email: 'Bob@recipient.example' }],
      cc: [{ email: 'carl@recipient.example' }],
      bcc: [{ email: 'dora@recipient.example' }],
      replyTo: [{ email: 'answers@sender.example', name: 'Answers' }],
      subject: 'Grüße, Ада',
      text: 'Hello\nAda',
      html: '<p>Hello <img src="cid:logo"></p>',
      headers: { 'X-Campaign': 'spring', 'List-Unsubscribe': '<https://sender.example/u>' },
      attachments: [
        { filename: 'данные.bin', contentType: 'application/octet-stream', content: file.toString('base64') },
        { filename: 'logo.png', contentType: 'image/png', content: image.toString('base64'), contentId: 'logo' },
      ],
    });
    const recipients = ['ada', 'Bob', 'carl', 'dora'].map((name) => `${name}@recipient.example`);
    expect([answer.status, answer.body]).toEqual([
      202,
      { messageId: expect.stringMatching(/^<[^<>]+@sender\.example>$/), accepted: recipients, rejected: [] },
    ]);

    const [received] = server.messages;
    const mail = received?.parsed;
    expect([received?.from, received?.to]).toEqual(['ceo@sender.example', recipients]);
    expect(mail?.messageId).toBe(answer.body.messageId);
    expect(mail?.from?.value).toEqual([{ address: 'ceo@sender.example', name: 'Zoë' }]);
    expect([mail?.to, mail?.cc, mail?.replyTo].map((field: any) => field.text)).toEqual([
      '"Ada" <ada@recipient.example>, Bob@recipient.example',
      'carl@recipient.example',
      '"Answers" <answers@sender.example>',
    ]);
    expect(received?.raw).not.toContain('dora@');
    expect([mail?.subject, mail?.text?.trim()]).toEqual(['Grüße, Ада', 'Hello\nAda']);
    expect(mail?.html).toContain('<p>Hello');
    expect(mail?.headers.get('x-campaign')).toBe('spring');
    expect(mail?.headers.get('x-score-message-id')).toMatch(UUID);
    const attachments = mail?.attachments ?? [];
    const shown = attachments.map(({ filename, contentType, contentDisposition, cid }) => [
      filename,
      contentType,
      contentDisposition,
      cid,
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['данные.bin', 'application/octet-stream', 'attachment', undefined],
        ['logo.png', 'image/png', 'inline', 'logo'],
      ]),
    );
    const bytesOf = (name: string) => attachments.find(({ filename }) => filename === name)?.content;
    expect(bytesOf('данные.bin')?.equals(file)).toBe(true);
    expect(bytesOf('logo.png')?.equals(image)).toBe(true);

    const events = await eventsOf(service, path);
    expect(new Set(events.map(({ recipient }) => recipient))).toEqual(
      new Set(recipients.map((address) => address.toLowerCase())),
    );
    expect(events).toHaveLength(recipients.length);
    for (const event of events) {
      expect(event).toMatchObject({ kind: 'sent', messageId: answer.body.messageId, attribution: 'own', bounce: null });
      expect(event.metadata.score_message_id).toBe(mail?.headers.get('x-score-message-id'));
      expect((await service.call('GET', `${path}/events/${String(event.id)}`)).body.raw).toBeNull();
    }
  });

  it('are from the connection’s sender unless told', async () => {
    const server = await mailServer();
    await send(service, await connectTo(service, server));
    expect(server.messages[0]?.parsed.from?.text).toBe('"News" <news@sender.example>');
  });

  it('have a fault where neither they nor the connection name a sender', async () => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    await service.call('PATCH', path, { body: { fromEmail: null } });
    const answer = await send(service, path);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input']);
    expect(answer.body.errors).toEqual([{ pointer: '/from', code: 'required', message: expect.any(String) }]);
    expect(server.connections).toBe(0);
  });

  it('share the sockets of their connection, until that changes', async () => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    for (let count = 0; count < 3; count++) expect((await send(service, path)).status).toBe(202);
    expect([server.connections, server.messages.length]).toEqual([1, 3]);
    await service.call('PATCH', path, { body: { fromName: 'Other' } });
    await send(service, path);
    expect(server.connections).toBe(2);
  });

  it('go to those whom the server takes, and tell of the others', async () => {
    const server = await mailServer({
      refuse: {
        recipients: {
          'dead@recipient.example': '550 5.1.1 No such user',
          'full@recipient.example': '452 4.2.2 Mailbox full',
          'far@recipient.example': '554 5.7.1 Relay access denied',
        },
      },
    });
    const path = await connectTo(service, server);
    const names = ['ada', 'dead', 'full', 'far'];
    const to = names.map((name) => ({ email: `${name}@recipient.example` }));
    const answer = await send(service, path, { ...HELLO, to });
    expect(answer.status).toBe(202);
    expect(answer.body.accepted).toEqual(['ada@recipient.example']);
    const told = answer.body.rejected.map(({ recipient, error }: any) => [
      recipient,
      error.code,
      error.fault,
      error.retryable,
      error.smtpCode,
      error.enhancedCode,
    ]);
    expect(told).toEqual([
      ['dead@recipient.example', 'recipient_rejected', 'recipient', false, 550, '5.1.1'],
      ['full@recipient.example', 'recipient_deferred', 'recipient', true, 452, '4.2.2'],
      ['far@recipient.example', 'permission_denied', 'configuration', false, 554, '5.7.1'],
    ]);
    expect(server.messages[0]?.to).toEqual(['ada@recipient.example']);
    const events = (await eventsOf(service, path)).map(({ recipient, kind, bounce, messageId }) => [
      recipient,
      kind,
      bounce?.class,
      bounce?.code,
      messageId === answer.body.messageId,
    ]);
    expect(new Set(events)).toEqual(
      new Set([
        ['ada@recipient.example', 'sent', undefined, undefined, true],
        ['dead@recipient.example', 'rejected', 'hard', 550, true],
        ['far@recipient.example', 'rejected', 'block', 554, true],
        ['full@recipient.example', 'rejected', 'soft', 452, true],
      ]),
    );
  });

  it.each<[string, object, string]>([
    ['tags', { tags: ['spring'] }, '/tags'],
    ['metadata', { metadata: { order: '7' } }, '/metadata'],
    ['a later time', { sendAt: '2030-01-01T08:00:00Z' }, '/sendAt'],
  ])('are refused with %s, which SMTP does not have', async (_name, member, pointer) => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    const answer = await send(service, path, { ...HELLO, ...member });
    expect([answer.status, answer.body.code]).toEqual([422, 'send_failed']);
    expect(answer.body.error).toMatchObject({ code: 'unsupported', retryable: false, pointer });
    expect(answer.body.errors).toEqual([{ pointer, code: 'unsupported', message: answer.body.detail }]);
    expect([server.messages, await eventsOf(service, path)]).toEqual([[], []]);
  });

  it('have every fault named, without a word to the server', async () => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    const answer = await send(service, path, {
      to: [{ email: 'ada@recipient.example' }, { email: 'nobody' }],
      subject: 'Hello\r\nBcc: spy@recipient.example',
      metadata: { order: 7, score_message_id: 'mine' },
      attachments: [{ filename: 'a', contentType: 'text/plain', content: 'not base64' }],
      colour: 'red',
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input']);
    expect(answer.body.errors.map(({ pointer, code }: any) => `${String(pointer)} ${String(code)}`).toSorted()).toEqual(
      [
        '/attachments/0/content invalid_base64',
        '/colour unknown_field',
        '/metadata/order wrong_type',
        '/metadata/score_message_id reserved',
        '/subject control_character',
        '/text required',
        '/to/1/email invalid_email',
      ],
    );
    expect(server.connections).toBe(0);
  });

  it.each(['', '{"to', '[]', 'null', '"text"', '{"__proto__":{}}'])('are no message: %s', async (body) => {
    const path = await connectTo(service, await mailServer());
    const answer = await service.call('POST', `${path}/messages`, { body });
    const isJson = body !== '{"to';
    expect([answer.status, answer.body.code]).toEqual(isJson ? [422, 'invalid_input'] : [400, 'malformed']);
  });

  it.each(['text/plain', 'application/octet-stream', 'application/vnd.score-connections.unread'])(
    'are JSON, and not %s',
    async (type) => {
      const headers = { 'content-type': type };
      const body = JSON.stringify(HELLO);
      expect((await service.call('POST', '/api/v1/connections', { headers, body })).status).toBe(415);
    },
  );

  it('do not go through a connection that is deleted, another organization’s or nowhere', async () => {
    const server = await mailServer();
    const path = await connectTo(service, server);
    const token = await service.tokenFor('other', 'send');
    const theirs = await service.call('POST', `${path}/messages`, { token, body: HELLO });
    expect([theirs.status, theirs.body.code]).toEqual([404, 'not_found']);
    expect((await send(service, NOWHERE)).status).toBe(404);
    expect((await send(service, '/api/v1/connections/no-id')).status).toBe(404);
    await service.call('DELETE', path);
    const deleted = await send(service, path);
    expect([deleted.status, deleted.body.code]).toEqual([404, 'not_found']);
    expect(server.connections).toBe(0);
  });

  it('are sent by whoever holds the right send', async () => {
    const path = await connectTo(service, await mailServer());
    const send = async (token: string) =>
      (await service.call('POST', `${path}/messages`, { token, body: HELLO })).status;
    expect(await send(await service.tokenFor('default', 'send'))).toBe(202);
    expect(await send(await service.tokenFor('default', 'read'))).toBe(403);
  });

  describe('the size', () => {
    const padded = (bytes: number): string => {
      const message = JSON.stringify(HELLO);
      return message + ' '.repeat(bytes - message.length);
    };

    /** The head of a request, whose body stays behind. */
    function head(path: string, token: string | undefined, length: number) {
      const coming = request(`${service.url}${path}/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': String(length),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      coming.on('error', () => undefined).flushHeaders();
      return coming;
    }

    it('may be 30 MiB, and attachments are whole then too', async () => {
      const server = await mailServer();
      const path = await connectTo(service, server);
      const file = anyBytes(8 * MIB);
      const attachment = {
        filename: 'a.bin',
        contentType: 'application/octet-stream',
        content: file.toString('base64'),
      };
      expect((await send(service, path, { ...HELLO, attachments: [attachment] })).status).toBe(202);
      expect(server.messages[0]?.parsed.attachments[0]?.content.equals(file)).toBe(true);
      expect((await service.call('POST', `${path}/messages`, { body: padded(30 * MIB) })).status).toBe(202);
    });

    it('may not be more', async () => {
      const path = await connectTo(service, await mailServer());
      const told = await service.call('POST', `${path}/messages`, { body: padded(30 * MIB + 1) });
      expect([told.status, told.body.code]).toEqual([413, 'payload_too_large']);
      const untold = await checkedFetch(`${service.url}${path}/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' },
        body: new Blob([padded(30 * MIB + 1)]).stream(),
        duplex: 'half',
      });
      expect([untold.status, ((await untold.json()) as { code: string }).code]).toEqual([413, 'payload_too_large']);
    });

    it('leaves the rest of the API at 1 MiB', async () => {
      expect((await service.call('POST', '/api/v1/connections', { body: padded(2 * MIB) })).status).toBe(413);
    });

    it.each<[string, number, () => Promise<string | undefined>]>([
      ['no token', 401, async () => undefined],
      ['an unknown token', 401, async () => 'sk_unknown'],
      ['a token without the right', 403, () => service.tokenFor('default', 'read')],
    ])('is not even read of somebody with %s', async (_name, status, tokenOf) => {
      const coming = head(NOWHERE, await tokenOf(), 20 * MIB);
      const [answer] = (await once(coming, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(status);
      coming.destroy();
    });

    it('of all that an organization is sending has an end, and is given back', async () => {
      const path = await connectTo(service, await mailServer());
      const open = Array.from({ length: 2 }, () => head(path, service.key, 25 * MIB));
      for (const coming of open) coming.write(Buffer.alloc(20 * MIB, ' '));
      const answered = open.map((coming) => once(coming, 'response').catch(() => new Promise(() => undefined)));
      const [refused] = (await Promise.race(answered)) as [IncomingMessage];
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
      expect(JSON.parse(await text(refused)).code).toBe('overloaded');
      for (const coming of open) coming.destroy();
      let status = 503;
      while (status === 503) {
        ({ status } = await service.call('POST', `${path}/messages`, { body: padded(30 * MIB) }));
      }
      expect(status).toBe(202);
    });
  });
});

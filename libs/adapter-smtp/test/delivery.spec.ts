import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { eventually, loopbackAdapter, message, probe, settingsFor, withoutLogin } from './support.ts';

const adapter = loopbackAdapter();
let authority: TestAuthority;
let certificate: TestCertificate;
let server: TestSmtpServer;

beforeAll(async () => {
  authority = await TestAuthority.create();
  certificate = await authority.issue();
});

afterEach(() => server.close());

async function start(options: TestSmtpServerOptions = {}): Promise<void> {
  server = await TestSmtpServer.start(options);
}

describe('a message arrives', () => {
  it.each(['127.0.0.1', 'localhost'])('over implicit TLS at %s, after a login', async (host) => {
    await start({ certificate, encryption: 'implicit' });
    const settings = settingsFor(server, { host, secure: true, tlsMode: 'implicit', caCertificate: authority.cert });
    const result = await adapter.send(message(), settings);
    expect(result.accepted).toEqual(['reader@example.net']);
    expect(result.rejected).toEqual([]);
    expect(server.messages).toHaveLength(1);
    expect(server.messages[0]).toMatchObject({
      encrypted: true,
      username: server.username,
      from: 'sender@example.com',
    });
    expect(server.logins).toEqual([
      { method: 'PLAIN', username: server.username, password: server.password, encrypted: true },
    ]);
  });

  it.each(['127.0.0.1', 'localhost'])('over STARTTLS at %s, after a login', async (host) => {
    await start({ certificate });
    await adapter.send(message(), settingsFor(server, { host, secure: true, caCertificate: authority.cert }));
    expect(server.messages[0]).toMatchObject({ encrypted: true, username: server.username });
  });

  it('unencrypted if encryption is off and not offered', async () => {
    await start();
    await adapter.send(message(), settingsFor(server));
    expect(server.messages[0]).toMatchObject({ encrypted: false, username: server.username });
  });

  it('encrypted if encryption is off but offered, with any certificate', async () => {
    await start({ certificate });
    await adapter.send(message(), settingsFor(server));
    expect(server.messages[0]).toMatchObject({ encrypted: true });
  });

  it('without a login if authentication is “none”', async () => {
    await start({ authentication: 'none' });
    await adapter.send(message(), withoutLogin(server));
    expect(server.messages).toHaveLength(1);
    expect(server.logins).toEqual([]);
  });
});

describe('what arrives', () => {
  beforeEach(() => start());

  it('is the message with all of its members', async () => {
    const { messageId } = await adapter.send(
      message({
        to: [{ email: 'a@example.net', name: 'Ärger, Åsa' }, { email: 'b@example.net' }],
        cc: [{ email: 'c@example.net' }],
        bcc: [{ email: 'd@example.net' }],
        replyTo: [{ email: 'reply@example.com' }],
        subject: 'Grüße – 你好',
        html: '<p>Hi <img src="cid:logo"></p>',
        headers: { 'X-Campaign': '42', 'List-Unsubscribe': '<https://example.com/u>' },
        attachments: [
          { filename: 'grün.pdf', content: Buffer.from('PDF'), contentType: 'application/pdf' },
          { filename: 'logo.png', content: new Uint8Array([1, 2, 3]), contentType: 'image/png', contentId: 'logo' },
        ],
      }),
      settingsFor(server),
    );
    const [{ parsed, raw, to }] = server.messages as [(typeof server.messages)[0]];
    expect(to).toEqual(['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net']);
    expect(parsed.messageId).toBe(messageId);
    expect(parsed.subject).toBe('Grüße – 你好');
    expect(parsed.text).toContain('A text.');
    expect(parsed.html).toContain('<p>Hi');
    expect(parsed.replyTo?.text).toBe('reply@example.com');
    expect(parsed.headers.get('x-campaign')).toBe('42');
    expect(raw).toContain('List-Unsubscribe: <https://example.com/u>');
    expect(raw).not.toContain('d@example.net');
    expect(
      parsed.attachments.map(({ filename, contentType, contentDisposition, cid }) => [
        filename,
        contentType,
        contentDisposition,
        cid,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['grün.pdf', 'application/pdf', 'attachment', undefined],
        ['logo.png', 'image/png', 'inline', 'logo'],
      ]),
    );
  });

  it('keeps a Message-ID of the caller', async () => {
    const headers = { 'Message-ID': '<chosen@example.com>' };
    const { messageId } = await adapter.send(message({ headers }), settingsFor(server));
    expect(messageId).toBe('<chosen@example.com>');
    expect(server.messages[0]?.parsed.messageId).toBe('<chosen@example.com>');
  });

  it('returns recipients as they were given, once each', async () => {
    const to = [{ email: 'Reader@EXAMPLE.net' }, { email: 'Reader@example.NET' }, { email: 'x@bücher.example' }];
    const { accepted } = await adapter.send(message({ to }), settingsFor(server));
    expect(accepted).toEqual(['Reader@example.NET', 'x@bücher.example']);
    expect(server.messages[0]?.to).toHaveLength(2);
  });

  it('leaves no connection open', async () => {
    await adapter.send(message(), settingsFor(server));
    await eventually(() => expect(server.openConnections).toBe(0));
  });
});

describe('a message that is larger than the server announced', () => {
  it('is not sent', async () => {
    await start({ maxMessageBytes: 1_000 });
    const failure = await failureOf(adapter.send(message({ text: 'x'.repeat(2_000) }), settingsFor(server)));
    expect(failure.code).toBe('message_too_large');
    // There is no reply: nothing was requested.
    expect(failure).not.toHaveProperty('smtpCode');
  });
});

describe('a partly rejected message', () => {
  it('lists the rejected recipients and delivers to the others', async () => {
    await start({ refuse: { recipients: { 'gone@example.net': '550 5.1.1 No such user' } } });
    const to = [{ email: 'reader@example.net' }, { email: 'gone@example.net' }];
    const result = await adapter.send(message({ to }), settingsFor(server));
    expect(result.accepted).toEqual(['reader@example.net']);
    expect(result.rejected).toEqual([
      {
        recipient: 'gone@example.net',
        error: {
          stage: 'recipient',
          code: 'recipient_rejected',
          fault: 'recipient',
          retryable: false,
          smtpCode: 550,
          enhancedCode: '5.1.1',
          hint: expect.any(String) as string,
          reply: '550 5.1.1 No such user',
        },
      },
    ]);
    expect(server.messages[0]?.to).toEqual(['reader@example.net']);
  });

  it('fails if no recipient was accepted, with the temporary reason', async () => {
    const recipients = { 'gone@example.net': '550 5.1.1 No such user', 'later@example.net': '450 4.2.0 Greylisted' };
    await start({ refuse: { recipients } });
    const to = Object.keys(recipients).map((email) => ({ email }));
    expect(await failureOf(adapter.send(message({ to }), settingsFor(server)))).toMatchObject({
      code: 'recipient_deferred',
      retryable: true,
      enhancedCode: '4.2.0',
    });
    expect(server.messages).toEqual([]);
  });
});

describe('a message that cannot be sent as it is', () => {
  beforeEach(() => start());

  it.each<[string, Partial<EmailMessage>, string]>([
    ['/tags', { tags: ['a'] }, 'SMTP does not support tags. Remove tags from the message.'],
    ['/metadata', { metadata: { a: 'b' } }, 'SMTP does not support metadata. Remove metadata from the message.'],
    ['/sendAt', { sendAt: new Date() }, 'SMTP does not support scheduled sending. Remove sendAt from the message.'],
  ])('is rejected: %s', async (pointer, overrides, hint) => {
    const failure = await failureOf(adapter.send(message(overrides), settingsFor(server)));
    expect(failure).toMatchObject({ code: 'unsupported', stage: 'message', retryable: false, pointer, hint });
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['/subject', { subject: 'a\0b' }],
    ['/from/email', { from: { email: 'nobody' } }],
    ['/to', { to: [] }],
    ['/to/1/email', { to: [{ email: 'a@example.com' }, { email: 'a@example.com, victim@example.org' }] }],
    ['/cc/0/email', { cc: [{ email: 'a b@example.com' }] }],
    ['/bcc/0/email', { bcc: [{ email: '' }] }],
    ['/headers/X-A', { headers: { 'X-A': ' ' } }],
    ['/headers/X A', { headers: { 'X A': 'b' } }],
    ['/headers/Content-Type', { headers: { 'Content-Type': 'text/html' } }],
    [
      '/attachments/0/contentType',
      { attachments: [{ filename: 'a.txt', content: Buffer.from('a'), contentType: 'pdf' }] },
    ],
  ])('is rejected before a connection is made: %s, %j', async (pointer, overrides) => {
    const failure = await failureOf(adapter.send(message(overrides), settingsFor(server)));
    expect(failure).toMatchObject({ code: 'invalid_request', retryable: false, pointer });
    expect(server.connections).toBe(0);
  });

  it('is rejected in a test too', async () => {
    const { error } = await adapter.diagnose(settingsFor(server), probe({ to: ['victim@example.org>\r\nDATA'] }));
    expect(error).toMatchObject({ code: 'invalid_request', stage: 'recipient', pointer: '/to/0/email' });
  });
});

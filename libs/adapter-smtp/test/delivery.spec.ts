import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
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
afterAll(() => adapter.release());

async function start(options: TestSmtpServerOptions = {}): Promise<void> {
  server = await TestSmtpServer.start(options);
}

const GONE = 'gone@example.net';
const ANY_TLS = 'passed TLSv1.3, certificate not checked';
it.each<[string, 'implicit' | 'starttls' | 'none', Partial<SmtpSettings>, string, string?]>([
  ['over implicit TLS', 'implicit', { secure: true, tlsMode: 'implicit' }, 'passed TLSv1.3'],
  ['over implicit TLS by name', 'implicit', { host: 'localhost', secure: true, tlsMode: 'implicit' }, 'passed TLSv1.3'],
  ['over STARTTLS', 'starttls', { secure: true }, 'passed TLSv1.3'],
  ['over STARTTLS by name', 'starttls', { host: 'localhost', secure: true }, 'passed TLSv1.3'],
  ['unencrypted if it is off', 'none', {}, 'skipped not encrypted', 'The password is sent unencrypted'],
  ['over TLS if it is off but offered', 'starttls', {}, ANY_TLS, 'The password was encrypted this time'],
  ['without a login', 'none', { authentication: 'none' }, 'skipped not encrypted', 'Messages are sent unencrypted'],
])('a message arrives %s, as a test reports', async (_how, encryption, changes, tls, warning = '') => {
  const hasLogin = changes.authentication !== 'none';
  const isChecked = changes.secure === true;
  const encrypted = tls.startsWith('passed');
  await start({ encryption, ...(encrypted ? { certificate } : {}), ...(hasLogin ? {} : { authentication: 'none' }) });
  const { username, password } = server;
  const own = { ...changes, ...(isChecked ? { caCertificate: authority.cert } : {}) };
  const settings = (hasLogin ? settingsFor : withoutLogin)(server, own);
  expect(await adapter.send(message(), settings)).toMatchObject({ accepted: ['reader@example.net'], rejected: [] });
  const received = { encrypted, username: hasLogin ? username : undefined, from: 'sender@example.com' };
  expect(server.messages).toMatchObject([received]);
  const { ok, checks, stages, warnings } = await adapter.diagnose(settings, probe());
  const login = { method: 'PLAIN', username, password, encrypted };
  expect(server.logins).toEqual(hasLogin ? [login, login] : []);
  expect(server.messages).toHaveLength(1);
  const authentication = hasLogin ? 'passed' : 'skipped';
  expect({ ok, ...checks }).toMatchObject({ ok: true, connectivity: 'passed', authentication });
  expect(stages.map(({ stage, status, detail = '' }) => `${stage} ${status} ${detail}`.trim())).toEqual([
    'connect passed',
    `tls ${tls}`,
    `authenticate ${hasLogin ? 'passed' : 'skipped no authentication'}`,
    ...['sender', 'recipient', 'message'].map((stage) => `${stage} skipped`),
  ]);
  expect(warnings.map(({ code }) => code)).toEqual(isChecked ? [] : [hasLogin ? 'password_in_clear' : 'not_encrypted']);
  expect(warnings[0]?.hint ?? '').toContain(warning);
  await eventually(() => expect(server.openConnections).toBe(0));
});

it('all members of a message arrive', async () => {
  await start();
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
  expect(parsed).toMatchObject({ messageId, subject: 'Grüße – 你好', replyTo: { text: 'reply@example.com' } });
  expect(parsed.text).toContain('A text.');
  expect(parsed.html).toContain('<p>Hi');
  expect(parsed.headers.get('x-campaign')).toBe('42');
  expect(raw).toContain('List-Unsubscribe: <https://example.com/u>');
  expect(raw).not.toContain('d@example.net');
  const attached = parsed.attachments.map(({ filename, contentType, contentDisposition, cid, content }) =>
    [filename, contentType, contentDisposition, cid, content.toString('hex')].join(' '),
  );
  const expected = ['grün.pdf application/pdf attachment  504446', 'logo.png image/png inline logo 010203'];
  expect(attached.toSorted()).toEqual(expected);
});

it('recipients are returned as they were given, once each', async () => {
  await start();
  const to = [{ email: 'Reader@EXAMPLE.net' }, { email: 'Reader@example.NET' }, { email: 'x@bücher.example' }];
  const { accepted } = await adapter.send(message({ to }), settingsFor(server));
  expect(accepted).toEqual(['Reader@example.NET', 'x@bücher.example']);
  expect(server.messages[0]?.to).toHaveLength(2);
});

it.each([{}, { poolKey: 'a' }])(
  'rejected recipients are listed, or are the error if there are no others, with %j',
  async (options) => {
    const [gone, later, full] = [{ email: GONE }, { email: 'later@example.net' }, { email: 'full@example.net' }];
    const reply = '550 5.1.1 No such user';
    const recipients = { [gone.email]: reply, [later.email]: '450 4.2.0 Greylisted', [full.email]: '552 5.2.2 Full' };
    await start({ refuse: { recipients } });
    const to = [gone, { email: 'reader@example.net' }];
    const { accepted, rejected } = await adapter.send(message({ to }), settingsFor(server), options);
    expect(accepted).toEqual(['reader@example.net']);
    const error = { stage: 'recipient', code: 'recipient_rejected', fault: 'recipient', retryable: false, reply };
    const codes = { smtpCode: 550, enhancedCode: '5.1.1', hint: expect.any(String) as string };
    expect(rejected).toEqual([{ recipient: GONE, error: { ...error, ...codes } }]);
    const failure = await failureOf(adapter.send(message({ to: [gone, later, full] }), settingsFor(server), options));
    expect(failure).toMatchObject({ code: 'recipient_deferred', retryable: true, enhancedCode: '4.2.0' });
    expect(server.messages.map((one) => one.to)).toEqual([['reader@example.net']]);
    adapter.release();
  },
);

it.each<[string, Partial<EmailMessage>, string?]>([
  ['/tags', { tags: ['a'] }, 'SMTP does not support tags. Remove tags from the message.'],
  ['/metadata', { metadata: { a: 'b' } }, 'SMTP does not support metadata. Remove metadata from the message.'],
  ['/sendAt', { sendAt: new Date() }, 'SMTP does not support scheduled sending. Remove sendAt from the message.'],
  ['/subject', { subject: 'a\0b' }],
  ['/from/email', { from: { email: 'nobody' } }],
  ['/to', { to: [] }],
  ['/bcc/0/email', { bcc: [{ email: '' }] }],
  ['/headers/Content-Type', { headers: { 'Content-Type': 'text/html' } }],
  ['/attachments/0/contentType', { attachments: [{ filename: 'a', content: Buffer.from('a'), contentType: 'pdf' }] }],
])('a message is rejected before a connection is made: %s, %j', async (pointer, overrides, hint = '') => {
  await start();
  const failure = await failureOf(adapter.send(message(overrides), settingsFor(server)));
  expect(failure).toMatchObject({ code: hint === '' ? 'invalid_request' : 'unsupported', retryable: false, pointer });
  if (hint !== '') expect(failure).toMatchObject({ stage: 'message', hint });
  expect(server.connections).toBe(0);
});

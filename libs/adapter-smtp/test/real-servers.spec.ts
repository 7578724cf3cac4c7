import type { AdapterErrorDetails, EmailMessage } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpAdapter, SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { startExim } from '../../../test/support/exim.ts';
import {
  ACCOUNT,
  MAX_BYTES,
  type RealMailServer,
  RECIPIENTS,
  REFUSED_HELO,
  SENDERS,
} from '../../../test/support/mail-server-package.ts';
import { startPostfix } from '../../../test/support/postfix.ts';
import { failures, loopbackAdapter, settingsFor, withoutLogin } from './support.ts';

describe.each([
  ['Postfix with Dovecot', startPostfix],
  ['Exim', startExim],
])('%s', (_name, start) => {
  let authority: TestAuthority;
  let server: RealMailServer;
  let adapter: SmtpAdapter;

  beforeAll(async () => {
    authority = await TestAuthority.create();
    server = await start(await authority.issue());
    adapter = loopbackAdapter();
  }, 300_000);

  afterAll(async () => {
    adapter.release();
    await server.stop();
  });

  const settings = (overrides: Partial<SmtpSettings> = {}): SmtpSettings =>
    settingsFor(server, { ...ACCOUNT, secure: true, tlsMode: 'starttls', caCertificate: authority.cert, ...overrides });
  const message = (overrides: Partial<EmailMessage> = {}): EmailMessage => ({
    from: { email: SENDERS.allowed },
    to: [{ email: RECIPIENTS.known }],
    subject: 'News',
    text: 'News.',
    ...overrides,
  });

  async function expectFailures(used: SmtpSettings, sent: EmailMessage, expected: Partial<AdapterErrorDetails>) {
    for (const failure of await failures(used, sent)) expect(failure).toMatchObject(expected);
  }

  it.each([
    ['STARTTLS', () => settings()],
    ['implicit TLS', () => settings({ port: server.implicitTlsPort, tlsMode: 'implicit' })],
    ['no encryption', () => settings({ secure: false, tlsMode: 'auto' })],
  ])('accepts the right password over %s', async (_how, used) => {
    const to = [RECIPIENTS.known];
    const probe = { subject: 'Test', text: 'A test.', from: { email: SENDERS.allowed }, to };
    expect(await adapter.diagnose(used(), probe)).toMatchObject({ ok: true, sent: { accepted: to, rejected: [] } });
    for (const options of [{}, { poolKey: 'right' }, { poolKey: 'right' }]) {
      expect((await adapter.send(message(), used(), options)).accepted).toEqual(to);
    }
    adapter.release('right');
  });

  it.each([
    ['STARTTLS', () => settings({ password: 'wrong' })],
    ['implicit TLS', () => settings({ password: 'wrong', port: server.implicitTlsPort, tlsMode: 'implicit' })],
  ])('rejects a wrong password over %s', async (_how, used) => {
    const expected = { code: 'authentication_failed', stage: 'authenticate', fault: 'configuration' } as const;
    await expectFailures(used(), message(), { ...expected, smtpCode: 535 });
  });

  it.each([
    ['STARTTLS', () => settings()],
    ['implicit TLS', () => settings({ port: server.implicitTlsPort, tlsMode: 'implicit' })],
  ])('is not trusted over %s without the certificate of its authority', async (_how, used) => {
    const { caCertificate: _, ...untrusting } = used();
    await expectFailures(untrusting, message(), { stage: 'tls', fault: 'configuration' });
  });

  it.each([
    ['whose domain does not exist', SENDERS.unknownDomain],
    ['that does not belong to the account', SENDERS.notOwned],
  ])('rejects a sender %s at RCPT TO, and the sender is at fault', async (_which, email) => {
    const sent = message({ from: { email } });
    await expectFailures(settings(), sent, { stage: 'sender', fault: 'sender', retryable: false });
    const probe = { subject: 'Test', text: 'A test.', from: { email }, to: [RECIPIENTS.known] };
    const { checks } = await adapter.diagnose(settings(), probe);
    expect(checks).toMatchObject({ authentication: 'passed', fromAddress: 'failed' });
  });

  it('rejects relaying without a login, and the recipient is not at fault', async () => {
    const used = withoutLogin(server, { secure: true, tlsMode: 'starttls', caCertificate: authority.cert });
    const sent = message({ to: [{ email: 'grace@elsewhere.example' }] });
    await expectFailures(used, sent, { fault: 'configuration', retryable: false });
  });

  it('rejects an unknown recipient, and the recipient is at fault', async () => {
    const unknown = { email: 'unknown@recipient.example' };
    const expected = { code: 'recipient_rejected', stage: 'recipient', fault: 'recipient', smtpCode: 550 } as const;
    await expectFailures(settings(), message({ to: [unknown] }), expected);
    const result = await adapter.send(message({ to: [{ email: RECIPIENTS.known }, unknown] }), settings());
    const rejected = [{ recipient: unknown.email, error: expected }];
    expect(result).toMatchObject({ accepted: [RECIPIENTS.known], rejected });
  });

  it.each([
    ['by the size that it announces', () => settings()],
    ['after receiving it', () => settings({ port: server.plainPort })],
  ])('rejects a message that is too large, %s', async (_when, used) => {
    const text = 'A line of the message.\n'.repeat(MAX_BYTES / 10);
    const expected = { code: 'message_too_large', stage: 'message', fault: 'configuration', retryable: false } as const;
    await expectFailures(used(), message({ text }), expected);
  });

  it('accepts an international address with SMTPUTF8', async () => {
    const to = [{ email: RECIPIENTS.international }];
    for (const options of [{}, { poolKey: 'international' }]) {
      const { accepted } = await adapter.send(message({ to }), settings(), options);
      expect(accepted).toEqual([RECIPIENTS.international]);
    }
    adapter.release('international');
  });

  it('is not sent one without SMTPUTF8', async () => {
    const to = [{ email: RECIPIENTS.known }, { email: RECIPIENTS.international }];
    for (const options of [{}, { poolKey: 'plain' }]) {
      const failure = await failureOf(adapter.send(message({ to }), settings({ port: server.plainPort }), options));
      expect(failure).toMatchObject({ code: 'unsupported', pointer: '/to/1/email' });
    }
    adapter.release('plain');
  });

  it('rejects the HELO name, and the configuration is at fault', async () => {
    const used = settings({ heloName: REFUSED_HELO });
    await expectFailures(used, message(), { code: 'server_refuses_service', fault: 'configuration', retryable: false });
  });
});

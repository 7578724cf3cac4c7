import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { RawServer } from '../../../test/support/raw-server.ts';
import { type Refusals, TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { loopbackAdapter, message, PASSWORD, probe, settingsFor, withoutLogin } from './support.ts';

interface Failing {
  readonly settings: SmtpSettings;
  close(): Promise<void>;
}
type Expected = Pick<AdapterErrorDetails, 'code' | 'stage' | 'fault' | 'retryable'> & Partial<AdapterErrorDetails>;
type Case = readonly [name: string, start: () => Promise<Failing>, expected: Expected];

const adapter = loopbackAdapter();
let authority: TestAuthority;

beforeAll(async () => {
  authority = await TestAuthority.create();
});

const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const TRY_LATER = { fault: 'vendor', retryable: true } as const;

const CASES: readonly Case[] = [
  [
    'a closed port',
    async () => nothing(await freePort()),
    { code: 'connection_refused', stage: 'connect', fault: 'network', retryable: true },
  ],
  [
    'a web server',
    () => raw(RawServer.greeting('HTTP/1.1 400 Bad Request\r\n\r\n')),
    { code: 'not_a_mail_server', stage: 'connect', ...CONFIGURATION },
  ],
  [
    'another service',
    () => raw(RawServer.greeting('SSH-2.0-OpenSSH_9.6 internal\r\n')),
    { code: 'not_a_mail_server', stage: 'connect', ...CONFIGURATION },
  ],
  [
    'an FTP server',
    () => raw(RawServer.scripted('220 ftp.internal ready', '500 EHLO unknown', '500 HELO unknown')),
    { code: 'not_a_mail_server', stage: 'connect', ...CONFIGURATION },
  ],
  [
    'a 554 greeting',
    () => raw(RawServer.scripted('554 5.7.1 Go away')),
    {
      code: 'server_refuses_service',
      stage: 'connect',
      fault: 'vendor',
      retryable: false,
      smtpCode: 554,
      enhancedCode: '5.7.1',
      reply: '554 5.7.1 Go away',
    },
  ],
  [
    'a 421 greeting',
    () => raw(RawServer.scripted('421 4.3.2 Too busy')),
    { code: 'temporarily_unavailable', stage: 'connect', ...TRY_LATER, smtpCode: 421 },
  ],
  [
    'a 421 greeting for too many connections',
    () => raw(RawServer.scripted('421 4.7.0 Too many connections')),
    { code: 'rate_limited', stage: 'connect', ...TRY_LATER },
  ],
  [
    'a rejected HELO name',
    () => raw(RawServer.scripted('220 mx', '550 Bad name', '550 Bad name')),
    { code: 'server_refuses_service', stage: 'connect', ...CONFIGURATION },
  ],
  [
    'a server that hangs up after the greeting',
    () => raw(RawServer.scripted('220 mx')),
    { code: 'connection_closed', stage: 'connect', fault: 'network', retryable: true },
  ],
  [
    'TLS to a plain port',
    () => mail({}, { tlsMode: 'implicit' }),
    { code: 'tls_not_spoken', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'TLS to a server that hangs up',
    () => raw(RawServer.hangingUp(), { tlsMode: 'implicit' }),
    { code: 'connection_closed', stage: 'tls', fault: 'network', retryable: true },
  ],
  [
    'no STARTTLS',
    () => mail({ encryption: 'none' }, { secure: true }),
    { code: 'starttls_not_offered', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'STARTTLS out of order',
    () => raw(RawServer.scripted('220 mx', '250-mx\r\n250 STARTTLS', '454 4.7.0 TLS not available'), { secure: true }),
    { code: 'tls_failed', stage: 'tls', ...TRY_LATER, smtpCode: 454 },
  ],
  [
    'an untrusted certificate (implicit)',
    () => tls('implicit', {}, {}),
    { code: 'certificate_untrusted', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'an untrusted certificate (STARTTLS)',
    () => tls('starttls', {}, {}),
    { code: 'certificate_untrusted', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'an expired certificate (implicit)',
    () => tls('implicit', { expired: true }, trusted()),
    { code: 'certificate_expired', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'an expired certificate (STARTTLS)',
    () => tls('starttls', { expired: true }, trusted()),
    { code: 'certificate_expired', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'a certificate of another name (implicit)',
    () => tls('implicit', { hosts: ['other.example'] }, trusted()),
    { code: 'certificate_name_mismatch', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'a certificate of another name (STARTTLS)',
    () => tls('starttls', { hosts: ['other.example'] }, trusted()),
    { code: 'certificate_name_mismatch', stage: 'tls', ...CONFIGURATION },
  ],
  [
    'a wrong password',
    () => mail({}, { password: 'wrong-password' }),
    { code: 'authentication_failed', stage: 'authenticate', ...CONFIGURATION, smtpCode: 535, enhancedCode: '5.7.8' },
  ],
  [
    'no AUTH',
    () => mail({ authentication: 'none' }),
    { code: 'authentication_not_offered', stage: 'authenticate', ...CONFIGURATION },
  ],
  [
    '534',
    () => refusing({ authentication: '534 5.7.9 Application-specific password required' }),
    { code: 'app_password_required', stage: 'authenticate', ...CONFIGURATION, smtpCode: 534 },
  ],
  [
    '454 to AUTH',
    () => refusing({ authentication: '454 4.7.0 Temporary authentication failure' }),
    { code: 'temporarily_unavailable', stage: 'authenticate', ...TRY_LATER, smtpCode: 454 },
  ],
  [
    'too many logins',
    () => refusing({ authentication: '454 4.7.0 Too many login attempts' }),
    { code: 'rate_limited', stage: 'authenticate', ...TRY_LATER },
  ],
  [
    '538',
    () => refusing({ authentication: '538 5.7.11 Encryption required' }),
    { code: 'encryption_required', stage: 'authenticate', ...CONFIGURATION },
  ],
  [
    '530 to AUTH',
    () => refusing({ authentication: '530 5.7.0 Must issue a STARTTLS command first' }),
    { code: 'encryption_required', stage: 'authenticate', ...CONFIGURATION },
  ],
  [
    '421 to AUTH',
    () => refusing({ authentication: '421 4.3.0 Closing' }),
    { code: 'temporarily_unavailable', stage: 'authenticate', ...TRY_LATER },
  ],
  [
    'mail without the required login',
    () => anonymous({ sender: '530 5.7.1 Authentication required' }),
    { code: 'permission_denied', stage: 'sender', ...CONFIGURATION },
  ],
  [
    'a rejected sender',
    () => refusing({ sender: '553 5.7.1 Sender address not owned by user' }),
    { code: 'sender_rejected', stage: 'sender', fault: 'sender', retryable: false, smtpCode: 553 },
  ],
  [
    'an unverified sender',
    () => refusing({ message: '554 Message rejected: Email address is not verified.' }),
    { code: 'sender_not_verified', stage: 'sender', fault: 'sender', retryable: false },
  ],
  [
    'a rejected recipient',
    () => refusing({ recipients: { 'reader@example.net': '550 5.1.1 User unknown' } }),
    { code: 'recipient_rejected', stage: 'recipient', fault: 'recipient', retryable: false },
  ],
  [
    'a deferred recipient',
    () => refusing({ recipients: { 'reader@example.net': '450 4.2.0 Greylisted' } }),
    { code: 'recipient_deferred', stage: 'recipient', fault: 'recipient', retryable: true },
  ],
  [
    'rejected relaying',
    () => refusing({ recipients: { 'reader@example.net': '554 5.7.1 Relay access denied' } }),
    { code: 'permission_denied', stage: 'recipient', ...CONFIGURATION },
  ],
  [
    'a message that is too large by its announced size',
    () => mail({ maxMessageBytes: 100 }),
    { code: 'message_too_large', stage: 'message', ...CONFIGURATION },
  ],
  [
    'a message that is too large by its content',
    () => refusing({ message: '552 5.3.4 Message too big' }),
    { code: 'message_too_large', stage: 'message', ...CONFIGURATION, smtpCode: 552 },
  ],
  [
    'a rejected message',
    () => refusing({ message: '554 5.7.1 Rejected as spam' }),
    { code: 'message_rejected', stage: 'message', fault: 'sender', retryable: false },
  ],
  [
    'a rate limit',
    () => refusing({ message: '451 4.7.28 Rate limit exceeded' }),
    { code: 'rate_limited', stage: 'message', ...TRY_LATER },
  ],
  [
    'a daily limit',
    () => refusing({ message: '550 5.4.5 Daily user sending limit exceeded' }),
    { code: 'quota_exceeded', stage: 'message', ...TRY_LATER },
  ],
  [
    'a temporary rejection',
    () => refusing({ message: '451 4.7.1 Try again later' }),
    { code: 'temporarily_unavailable', stage: 'message', ...TRY_LATER },
  ],
  [
    '421 to the sender',
    () => refusing({ sender: '421 4.3.2 Closing' }),
    { code: 'temporarily_unavailable', stage: 'sender', ...TRY_LATER },
  ],
  [
    'a server that hangs up before it confirms',
    () => raw(RawServer.scripted('220 mx', '250 mx', '250 ok', '250 ok', '354 go on'), {}, true),
    { code: 'connection_closed', stage: 'message', fault: 'network', retryable: true },
  ],
];

it.each(CASES)('%s', async (_name, start, expected) => {
  const failing = await start();
  const { settings } = failing;
  const pooled = loopbackAdapter();
  const [diagnosis, failure, pooledFailure] = await Promise.all([
    adapter.diagnose(settings, probe({ to: ['reader@example.net'] })),
    failureOf(adapter.send(message(), settings)),
    failureOf(pooled.send(message(), settings, { poolKey: 'key' })),
  ]);
  pooled.release();
  await failing.close();
  expect(diagnosis.ok).toBe(false);
  // Nobody waits for a restart while testing: the likely cause is a wrong host or port.
  const isRefused = expected.code === 'connection_refused';
  expectFailure(diagnosis.error, isRefused ? { ...expected, ...CONFIGURATION, pointer: '/settings/port' } : expected);
  expectFailure(failure, expected);
  // A pool does not report at which step a connection was lost.
  const isLost = expected.code === 'connection_closed' && expected.stage === 'connect';
  expectFailure(pooledFailure, isLost ? { ...expected, stage: 'message' } : expected);
});

function expectFailure(error: AdapterErrorDetails | undefined, expected: Expected): void {
  expect(error).toMatchObject(expected);
  expect(error?.hint).toMatch(/^[A-Z].{20,}\.$/);
  if (expected.code === 'not_a_mail_server') expect(error).not.toHaveProperty('reply');
  expect(JSON.stringify(error)).not.toContain(PASSWORD);
}

async function mail(options: TestSmtpServerOptions, settings: Partial<SmtpSettings> = {}): Promise<Failing> {
  const server = await TestSmtpServer.start(options);
  return { settings: settingsFor(server, settings), close: () => server.close() };
}

function refusing(refuse: Refusals): Promise<Failing> {
  return mail({ refuse });
}

async function anonymous(refuse: Refusals): Promise<Failing> {
  const server = await TestSmtpServer.start({ authentication: 'none', refuse });
  return { settings: withoutLogin(server), close: () => server.close() };
}

async function tls(
  encryption: 'implicit' | 'starttls',
  issued: Parameters<TestAuthority['issue']>[0],
  settings: Partial<SmtpSettings>,
): Promise<Failing> {
  const server = await TestSmtpServer.start({ encryption, certificate: await authority.issue(issued) });
  return {
    settings: settingsFor(server, { secure: true, tlsMode: encryption, ...settings }),
    close: () => server.close(),
  };
}

function trusted(): Partial<SmtpSettings> {
  return { caCertificate: authority.cert };
}

async function raw(
  starting: Promise<RawServer>,
  settings: Partial<SmtpSettings> = {},
  anonymously = false,
): Promise<Failing> {
  const server = await starting;
  return { settings: (anonymously ? withoutLogin : settingsFor)(server, settings), close: () => server.close() };
}

function nothing(port: number): Failing {
  return { settings: settingsFor({ port }), close: () => Promise.resolve() };
}

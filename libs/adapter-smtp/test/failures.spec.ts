import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { RawServer } from '../../../test/support/raw-server.ts';
import { type Refusals, TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { failures, loopbackAdapter, message, PASSWORD, probe, settingsFor } from './support.ts';

interface Failing {
  readonly settings: SmtpSettings;
  close(this: void): Promise<void>;
}
/** The error has its stage, code and fault, and whether it is retryable. */
type Case = [name: string, start: () => Promise<Failing>, error: string, reply?: string];

const NETWORK = 'network retryable';
const SETTINGS = 'configuration final';
const LATER = 'vendor retryable';
const GREETED = ['220 mx', '250-mx\r\n250 AUTH PLAIN'];
const SENDING = ['235 ok', '250 ok', '250 ok', '354 go on'];
const LOGIN = Buffer.from(`\0user@example.com\0${PASSWORD}`).toString('base64');

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create();
});

// fixtures/replies.txt has the errors of replies. Here is one for each command, and what has no reply.
it.each<Case>([
  ['a closed port', async () => server({ port: await freePort() }), `connect connection_refused ${NETWORK}`],
  ['a web server', () => raw(['HTTP/1.1 400 Bad Request']), `connect not_a_mail_server ${SETTINGS}`],
  ['an FTP server', () => raw(['220 ftp', '500 EHLO?', '500 HELO?']), `connect not_a_mail_server ${SETTINGS}`],
  replied([], '554 5.7.1 Go away', 'connect server_refuses_service vendor final'),
  replied([], '421 4.3.2 Too busy', `connect temporarily_unavailable ${LATER}`),
  replied(['220 mx', '550 Bad name'], '550 Bad name', `connect server_refuses_service ${SETTINGS}`),
  ['a lost connection', () => raw(['220 mx']), `connect connection_closed ${NETWORK}`],
  ['TLS to a plain port', () => mail({}, { tlsMode: 'implicit' }), `tls tls_not_spoken ${SETTINGS}`],
  ['TLS, and a lost connection', hangingUp, `tls connection_closed ${NETWORK}`],
  replied(['220 mx', '250 mx'], '502 5.5.1 Not implemented', `tls starttls_not_offered ${SETTINGS}`),
  replied(['220 mx', '250-mx\r\n250 STARTTLS'], '454 4.7.0 Not now', `tls tls_failed ${LATER}`),
  ...(['implicit', 'starttls'] as const).flatMap((mode): Case[] => [
    [`an unknown authority, ${mode}`, () => tls(mode, {}, {}), `tls certificate_untrusted ${SETTINGS}`],
    [`an expired certificate, ${mode}`, () => tls(mode, { expired: true }), `tls certificate_expired ${SETTINGS}`],
    [`a wrong name, ${mode}`, () => tls(mode, { hosts: ['x.example'] }), `tls certificate_name_mismatch ${SETTINGS}`],
  ]),
  ['no AUTH', () => mail({ authentication: 'none' }), `authenticate authentication_not_offered ${SETTINGS}`],
  refused('authentication', '535 5.7.8 Wrong password', `authenticate authentication_failed ${SETTINGS}`),
  refused('authentication', '421 4.3.0 Closing', `authenticate temporarily_unavailable ${LATER}`),
  refused('sender', '553 5.7.1 Sender address not owned by user', 'sender sender_rejected sender final'),
  refused('sender', '421 4.3.2 Closing', `sender temporarily_unavailable ${LATER}`),
  refused('recipients', '550 5.1.1 User unknown', 'recipient recipient_rejected recipient final'),
  refused('message', '552 5.3.4 Message too big', `message message_too_large ${SETTINGS}`),
  ['more than the announced size', () => mail({ maxMessageBytes: 100 }), `message message_too_large ${SETTINGS}`],
  [
    'a connection lost at the envelope',
    () => raw([...GREETED, '235 ok', '250 ok']),
    `recipient connection_closed ${NETWORK}`,
  ],
  ['no confirmation', () => raw([...GREETED, ...SENDING]), `message connection_closed ${NETWORK}`],
])('%s', async (_name, start, expected, reply = '') => {
  const failing = await start();
  const [test, sent, pooled] = await failures(failing.settings);
  await failing.close();
  // No one waits for a restart while testing: the likely cause is a wrong host or port.
  const isRefused = expected.includes('connection_refused');
  expectFailure(test, isRefused ? `connect connection_refused ${SETTINGS}` : expected, reply);
  expect(test?.pointer).toBe(isRefused ? '/settings/port' : undefined);
  expectFailure(sent, expected, reply);
  expectFailure(pooled, expected, reply);
});

function expectFailure(error: AdapterErrorDetails | undefined, expected: string, reply: string): void {
  const { stage, code, fault, retryable, hint } = error as AdapterErrorDetails;
  expect([stage, code, fault, retryable ? 'retryable' : 'final'].join(' ')).toBe(expected);
  expect(hint).toMatch(/^[A-Z].{20,}\.$/);
  const [smtpCode, enhancedCode] = /^(\d+)(?: (\d+\.\d+\.\d+))?/.exec(reply)?.slice(1) ?? [];
  expect([error?.reply ?? '', error?.enhancedCode]).toEqual([reply, enhancedCode]);
  expect(error?.smtpCode).toBe(smtpCode && Number(smtpCode));
  expect(JSON.stringify(error)).not.toContain(PASSWORD);
}

// Some real servers repeat what they received; their replies are shown to users.
it.each([
  ['at the login', [], '535 5.7.8 Bad login:'],
  ['at the sender', ['235 ok'], '550 5.7.1 Not after'],
  ['at the recipient', ['235 ok', '250 ok'], '550 5.1.1 Not after'],
])('a login that the server repeats %s is not in any error', async (_where, before, last) => {
  const { settings, close } = await raw([...GREETED, ...before, `${last} ${PASSWORD} ${LOGIN}`]);
  const adapter = loopbackAdapter();
  const thrown = (options: object) =>
    adapter
      .send(message(), settings, options)
      .catch((error: Error) => [error, error.message, error.stack, error.cause]);
  const diagnosis = await adapter.diagnose(settings, probe({ to: ['a@example.net'] }));
  const outcomes = [diagnosis, await thrown({}), await thrown({ poolKey: 'a' })].map((one) => JSON.stringify(one));
  adapter.release();
  await close();
  for (const outcome of outcomes) {
    expect(outcome).toContain('[redacted]');
    for (const secret of [PASSWORD, LOGIN]) expect(outcome).not.toContain(secret);
  }
});

/** The last reply of a server, which rejects the client. */
function replied(before: readonly string[], reply: string, expected: string): Case {
  const secure = expected.startsWith('tls');
  return [`${reply} after ${before.join(', ')}`, () => raw([...before, reply], { secure }), expected, reply];
}

function refused(step: keyof Refusals, reply: string, expected: string): Case {
  const refuse = step === 'recipients' ? { recipients: { 'reader@example.net': reply } } : { [step]: reply };
  return [`${reply} to the ${step}`, () => mail({ refuse }), expected, reply];
}

async function mail(options: TestSmtpServerOptions, settings: Partial<SmtpSettings> = {}): Promise<Failing> {
  return server(await TestSmtpServer.start(options), settings);
}

/** Sends one reply for each line that it receives, and then hangs up. */
async function raw(replies: readonly string[], settings: Partial<SmtpSettings> = {}): Promise<Failing> {
  return server(await RawServer.scripted(...(replies as [string, ...string[]])), settings);
}

async function tls(
  tlsMode: 'implicit' | 'starttls',
  issued: Parameters<TestAuthority['issue']>[0],
  settings: Partial<SmtpSettings> = { caCertificate: authority.cert },
): Promise<Failing> {
  const certificate = await authority.issue(issued);
  return mail({ encryption: tlsMode, certificate }, { secure: true, tlsMode, ...settings });
}

async function hangingUp(): Promise<Failing> {
  return server(await RawServer.hangingUp(), { tlsMode: 'implicit' });
}

function server(listening: { port: number; close?(): Promise<void> }, settings: Partial<SmtpSettings> = {}): Failing {
  return { settings: settingsFor(listening, settings), close: async () => listening.close?.() };
}

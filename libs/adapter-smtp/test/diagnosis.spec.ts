import type { Diagnosis } from '@score-crm/adapter-kit';
import { SmtpSettings } from '@score-crm/adapter-smtp';
import { type Refusals, TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { settingsWarnings } from '../src/smtp.diagnosis.ts';
import { loopbackAdapter, probe, settingsFor } from './support.ts';

// What a test reports about encryption and login is in delivery.spec.ts, and what follows from a reply in replies.spec.ts.
const adapter = loopbackAdapter();
const A = 'a@example.net';
const GONE = 'gone@example.net';
let server: TestSmtpServer;
afterEach(() => server.close());

async function start(options: TestSmtpServerOptions = {}): Promise<void> {
  server = await TestSmtpServer.start(options);
}

/** The first letters of the statuses: those of the stages, and those of the checks in this order. */
function summary({ stages, checks }: Diagnosis): string {
  const { connectivity, authentication, fromAddress, sendPermission } = checks;
  const shown = [connectivity, authentication, fromAddress, sendPermission];
  return [stages.map(({ status }) => status), shown].map((all) => all.map(([letter]) => letter).join('')).join(' ');
}

describe('a test', () => {
  const gone = { recipients: { [GONE]: '550 5.1.1 No such user' } };
  const relay = { recipients: { [A]: '554 5.7.1 Relay access denied' } };
  const unverified = { message: '554 Address is not verified' };

  // Stages: connect, tls, authenticate, sender, recipient, message. Checks: connectivity, authentication, sender, permission.
  it.each<[string, string[], Refusals, string, string?]>([
    ['passes', [A, 'b@example.net'], {}, 'pspppp pppp'],
    ['stops at a failed login', [A], { authentication: '535 5.7.8 Wrong' }, 'psfsss pfss', 'authentication_failed'],
    ['passes the rest if only one recipient is rejected', [A, GONE], gone, 'psppfp pppp', 'recipient_rejected'],
    ['does not blame the account if all recipients are', [GONE], gone, 'psppfs ppps', 'recipient_rejected'],
    ['concerns the sender', [A], { sender: '553 5.7.1 Not yours' }, 'pspfss ppfs', 'sender_rejected'],
    ['concerns the sender at last', [A], unverified, 'pspfss ppfs', 'sender_not_verified'],
    ['concerns the permission to relay', [A], relay, 'pspsfs ppsf', 'permission_denied'],
    ['concerns the permission to send', [A], { message: '554 5.7.1 Spam' }, 'pspppf pppf', 'message_rejected'],
  ])('%s', async (_what, to, refuse, expected, code = 'none') => {
    await start({ refuse });
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to }));
    expect(summary(diagnosis)).toBe(expected);
    expect([diagnosis.ok, diagnosis.error?.code ?? 'none']).toEqual([code === 'none', code]);
    const accepted = diagnosis.stages[5]?.status === 'passed' ? to.filter((email) => email !== GONE) : [];
    expect(server.messages.map((one) => one.to)).toEqual(accepted.length > 0 ? [accepted] : []);
    const { sent } = diagnosis;
    expect(sent?.accepted ?? []).toEqual(accepted);
    expect(sent?.rejected.some(({ recipient }) => recipient === GONE) ?? false).toBe(to.includes(GONE));
    const [received] = server.messages;
    if (received !== undefined) expect(received.parsed).toMatchObject({ subject: 'Test', messageId: sent?.messageId });
  });

  it.each([
    ['user@example.com', 'pspppp pppp', undefined],
    ['apikey', 'pspfss ppfs', 'sender_missing'],
  ])('without a sender uses the username if it is an address: %s', async (username, expected, code) => {
    await start({ username });
    const { from: _from, ...anonymous } = probe({ to: [A] });
    const diagnosis = await adapter.diagnose(settingsFor(server), anonymous);
    expect([summary(diagnosis), diagnosis.error?.code]).toEqual([expected, code]);
    expect(server.messages.map(({ from }) => from)).toEqual(code === undefined ? [username] : []);
  });

  it.each([
    ['/to', Array.from({ length: 11 }, (_, index) => `r${index}@example.net`)],
    ['/to/0/email', ['victim@example.org>\r\nDATA']],
  ])('is not sent with a fault at %s', async (pointer, to) => {
    await start();
    const { error } = await adapter.diagnose(settingsFor(server), probe({ to }));
    expect(error).toMatchObject({ code: 'invalid_request', stage: 'recipient', pointer });
    expect(server.messages).toEqual([]);
  });
});

describe('a test warns', () => {
  const codes = (settings: Partial<SmtpSettings>) =>
    settingsWarnings(Object.assign(new SmtpSettings(), settings), true).map(({ code, pointer }) =>
      [code, ...(pointer === undefined ? [] : [pointer])].join(' '),
    );

  it.each<[Partial<SmtpSettings>, string[]]>([
    [{ port: 465, secure: false }, ['password_in_clear', 'port_mode_mismatch']],
    [{ port: 465, tlsMode: 'starttls' }, ['port_mode_mismatch']],
    [{ port: 587, tlsMode: 'implicit' }, ['port_mode_mismatch']],
    [{ port: 587 }, []],
    [{ port: 465 }, []],
    [{ port: 2465 }, []],
    [{ port: 2465, tlsMode: 'starttls' }, ['port_mode_mismatch']],
    [{ host: 'smtp-relay.gmail.com' }, ['helo_name_missing /settings/heloName']],
    [{ host: 'smtp-relay.gmail.com', heloName: 'mail.sender.example' }, []],
    [{ host: 'smtp.gmail.com' }, []],
  ])('about %j: %j', (settings, expected) => {
    expect(codes({ host: 'mail.sender.example', ...settings })).toEqual(expected);
  });

  it('even if the server cannot be reached', async () => {
    await start();
    const { ok, warnings } = await adapter.diagnose(settingsFor(server, { port: 465, host: '127.0.0.9' }), probe());
    expect([ok, warnings.map(({ code }) => code)]).toEqual([false, ['password_in_clear', 'port_mode_mismatch']]);
  });

  it('about a pasted space in the username and the password, which it keeps and never repeats', async () => {
    await start({ username: 'relay@sender.example', password: 'hunter2' });
    const pasted = settingsFor(server, { username: ' relay@sender.example ', password: 'hunter2\u00a0' });
    const diagnosis = await adapter.diagnose(pasted, probe());
    expect(server.logins).toMatchObject([{ username: ' relay@sender.example ', password: 'hunter2\u00a0' }]);
    expect(diagnosis.warnings).toMatchObject([
      { code: 'password_in_clear' },
      { code: 'suspicious_credential', pointer: '/settings/username' },
      { code: 'suspicious_credential', pointer: '/settings/password' },
    ]);
    expect(diagnosis.error).toMatchObject({ code: 'authentication_failed' });
    expect(diagnosis.error?.hint).toMatch(/^The server rejected .+“Username” starts or ends with a space.+“Password”/);
    expect(JSON.stringify(diagnosis)).not.toContain('hunter2');
  });

  it('about spaces even if they belong to the login', async () => {
    await start({ username: ' relay ' });
    const { ok, warnings } = await adapter.diagnose(settingsFor(server), probe());
    expect([ok, warnings.at(-1)?.code]).toEqual([true, 'suspicious_credential']);
  });
});

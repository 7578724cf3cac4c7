import type { Diagnosis, DiagnosisStage } from '@score-crm/adapter-kit';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { SmtpSettings } from '@score-crm/adapter-smtp';
import { settingsWarnings } from '../src/smtp.diagnosis.ts';
import { RawServer } from '../../../test/support/raw-server.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { eventually, loopbackAdapter, probe, settingsFor, withoutLogin } from './support.ts';

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

function statuses({ stages }: Diagnosis): string {
  return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
}

function tlsStage({ stages }: Diagnosis): DiagnosisStage | undefined {
  return stages.find(({ stage }) => stage === 'tls');
}

describe('a test without recipients', () => {
  it('connects, encrypts, logs in and sends nothing', async () => {
    await start({ certificate });
    const settings = settingsFor(server, { secure: true, caCertificate: authority.cert });
    const diagnosis = await adapter.diagnose(settings, probe());
    expect(diagnosis).toMatchObject({
      ok: true,
      checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'skipped', fromAddress: 'skipped' },
      warnings: [],
    });
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls passed, authenticate passed, sender skipped, recipient skipped, message skipped',
    );
    expect(tlsStage(diagnosis)?.detail).toBe('TLSv1.3');
    expect(diagnosis).not.toHaveProperty('error');
    expect(diagnosis).not.toHaveProperty('sent');
    expect(server.logins).toHaveLength(1);
    expect(server.messages).toEqual([]);
    await eventually(() => expect(server.openConnections).toBe(0));
  });

  it('reports the version of implicit TLS too', async () => {
    await start({ certificate, encryption: 'implicit' });
    const settings = settingsFor(server, { secure: true, tlsMode: 'implicit', caCertificate: authority.cert });
    expect(tlsStage(await adapter.diagnose(settings, probe()))).toEqual({
      stage: 'tls',
      status: 'passed',
      detail: 'TLSv1.3',
    });
  });

  it('skips the login if authentication is “none”', async () => {
    await start({ authentication: 'none' });
    const diagnosis = await adapter.diagnose(withoutLogin(server), probe());
    expect(diagnosis.ok).toBe(true);
    expect(diagnosis.checks.authentication).toBe('skipped');
    expect(statuses(diagnosis)).toContain('authenticate skipped');
  });

  it('does not reveal the password to a server that offers no login', async () => {
    await start();
    const raw = await RawServer.scripted('220 mx', '250 mx', '535 no');
    const diagnosis = await adapter.diagnose(settingsFor(raw), probe());
    expect(diagnosis.error?.code).toBe('authentication_not_offered');
    expect(diagnosis.checks).toMatchObject({ connectivity: 'passed', authentication: 'failed' });
    expect(raw.received).toMatch(/^EHLO \S+\r\n$/);
    await raw.close();
  });

  it('stops at a failed login', async () => {
    await start();
    const diagnosis = await adapter.diagnose(
      settingsFor(server, { password: 'wrong' }),
      probe({ to: ['a@example.net'] }),
    );
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate failed, sender skipped, recipient skipped, message skipped',
    );
    expect(diagnosis.checks).toEqual({
      connectivity: 'passed',
      authentication: 'failed',
      sendPermission: 'skipped',
      fromAddress: 'skipped',
    });
  });
});

describe('a test with recipients', () => {
  it('sends one message to all of them', async () => {
    await start();
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to: ['a@example.net', 'b@example.net'] }));
    expect(diagnosis.ok).toBe(true);
    expect(diagnosis.checks).toEqual({
      connectivity: 'passed',
      authentication: 'passed',
      sendPermission: 'passed',
      fromAddress: 'passed',
    });
    expect(diagnosis.sent).toMatchObject({ accepted: ['a@example.net', 'b@example.net'], rejected: [] });
    expect(server.messages).toHaveLength(1);
    expect(server.messages[0]?.parsed).toMatchObject({ subject: 'Test', messageId: diagnosis.sent?.messageId });
  });

  it('lists the rejected recipients while the rest passed', async () => {
    await start({ refuse: { recipients: { 'gone@example.net': '550 5.1.1 No such user' } } });
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to: ['a@example.net', 'gone@example.net'] }));
    expect(diagnosis.ok).toBe(false);
    expect(diagnosis.error).toMatchObject({ code: 'recipient_rejected', fault: 'recipient', stage: 'recipient' });
    expect(diagnosis.checks).toEqual({
      connectivity: 'passed',
      authentication: 'passed',
      sendPermission: 'passed',
      fromAddress: 'passed',
    });
    expect(diagnosis.sent?.accepted).toEqual(['a@example.net']);
    expect(diagnosis.sent?.rejected).toMatchObject([
      { recipient: 'gone@example.net', error: { enhancedCode: '5.1.1' } },
    ]);
    expect(statuses(diagnosis)).toContain('sender passed, recipient failed, message passed');
    expect(server.messages).toHaveLength(1);
  });

  it('does not blame the account if every recipient was rejected', async () => {
    await start({ refuse: { recipients: { 'gone@example.net': '550 5.1.1 No such user' } } });
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to: ['gone@example.net'] }));
    expect(diagnosis.checks).toMatchObject({ fromAddress: 'passed', sendPermission: 'skipped' });
    expect(diagnosis.sent).toMatchObject({ accepted: [], rejected: [{ recipient: 'gone@example.net' }] });
  });

  it.each([
    ['the sender', { sender: '553 5.7.1 Not yours' }, { fromAddress: 'failed', sendPermission: 'skipped' }],
    [
      'to relay',
      { recipients: { 'a@example.net': '554 5.7.1 Relay access denied' } },
      { fromAddress: 'skipped', sendPermission: 'failed' },
    ],
    ['the message', { message: '554 5.7.1 Spam' }, { fromAddress: 'passed', sendPermission: 'failed' }],
    [
      'an unverified sender at last',
      { message: '554 Address is not verified' },
      { fromAddress: 'failed', sendPermission: 'skipped' },
    ],
  ])('reports which check a rejection of %s concerns', async (_what, refuse, checks) => {
    await start({ refuse });
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to: ['a@example.net'] }));
    expect(diagnosis.checks).toEqual({ connectivity: 'passed', authentication: 'passed', ...checks });
  });

  it('uses the username as the sender if it is an address and there is no other', async () => {
    await start();
    const { from: _from, ...anonymous } = probe({ to: ['a@example.net'] });
    await adapter.diagnose(settingsFor(server), anonymous);
    expect(server.messages[0]?.from).toBe(server.username);
  });

  it('reports a missing sender after trying the login', async () => {
    await start({ username: 'apikey' });
    const { from: _from, ...anonymous } = probe({ to: ['a@example.net'] });
    const diagnosis = await adapter.diagnose(settingsFor(server), anonymous);
    expect(diagnosis.error).toMatchObject({ code: 'sender_missing', stage: 'sender' });
    expect(statuses(diagnosis)).toContain('connect passed, tls skipped, authenticate passed, sender failed');
    expect(diagnosis.checks).toMatchObject({
      authentication: 'passed',
      fromAddress: 'failed',
      sendPermission: 'skipped',
    });
  });

  it('rejects more than ten recipients', async () => {
    await start();
    const to = Array.from({ length: 11 }, (_, index) => `r${index}@example.net`);
    const diagnosis = await adapter.diagnose(settingsFor(server), probe({ to }));
    expect(diagnosis.error).toMatchObject({ code: 'invalid_request', pointer: '/to' });
    expect(server.messages).toEqual([]);
  });
});

describe('a test warns', () => {
  const codes = ({ warnings }: Diagnosis): string[] => warnings.map(({ code }) => code);

  it('about an unencrypted password', async () => {
    await start();
    const { ok, warnings } = await adapter.diagnose(settingsFor(server), probe());
    expect(ok).toBe(true);
    expect(warnings).toEqual([{ code: 'password_in_clear', hint: expect.stringContaining('unencrypted') as string }]);
  });

  it('about a password that could have been unencrypted', async () => {
    await start({ certificate });
    const diagnosis = await adapter.diagnose(settingsFor(server), probe());
    expect(codes(diagnosis)).toEqual(['password_in_clear']);
    expect(diagnosis.warnings[0]?.hint).toContain('encrypted this time');
    expect(tlsStage(diagnosis)?.detail).toBe('TLSv1.3, certificate not checked');
  });

  it('about unencrypted messages without a password', async () => {
    await start({ authentication: 'none' });
    expect(codes(await adapter.diagnose(withoutLogin(server), probe()))).toEqual(['not_encrypted']);
  });

  it.each([
    [465, { secure: false }, ['password_in_clear', 'port_mode_mismatch']],
    [465, { secure: true, tlsMode: 'starttls' as const }, ['port_mode_mismatch']],
    [587, { secure: true, tlsMode: 'implicit' as const }, ['port_mode_mismatch']],
    [587, { secure: true }, []],
    [465, { secure: true }, []],
    [2465, { secure: true }, []],
  ])('about a mode that contradicts port %i: %j', async (port, mode, expected) => {
    await start();
    // There is no listener; the warning does not need the server.
    const diagnosis = await adapter.diagnose(settingsFor(server, { ...mode, port, host: '127.0.0.9' }), probe());
    expect(diagnosis.ok).toBe(false);
    expect(codes(diagnosis)).toEqual(expected);
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
    const diagnosis = await adapter.diagnose(settingsFor(server), probe());
    expect(diagnosis.ok).toBe(true);
    expect(codes(diagnosis)).toContain('suspicious_credential');
  });

  it('about a missing HELO name for Google’s relay', () => {
    const relay = (changes: object) =>
      settingsWarnings(Object.assign(new SmtpSettings(), { host: 'smtp-relay.gmail.com', ...changes }), true);
    expect(relay({})).toEqual([
      {
        code: 'helo_name_missing',
        hint: expect.stringContaining('HELO name') as string,
        pointer: '/settings/heloName',
      },
    ]);
    expect(relay({ heloName: 'mail.sender.example' })).toEqual([]);
    expect(relay({ host: 'smtp.gmail.com' })).toEqual([]);
  });
});

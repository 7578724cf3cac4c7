import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthority, type TestCertificate } from '../support/certificates.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { RawServer } from '../support/raw-server.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../support/smtp-server.ts';

const PATH = '/api/v1/connections';
const TO = { to: ['ada@recipient.example'] };

describe.each(ANY_DATABASE)('testing a connection on %s', (kind) => {
  let service: TestService;
  let authority: TestAuthority;
  let certificate: TestCertificate;

  beforeAll(async () => {
    authority = await TestAuthority.create();
    certificate = await authority.issue();
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function mailServer(options: TestSmtpServerOptions): Promise<TestSmtpServer> {
    return TestSmtpServer.start({ username: 'relay', password: service.secret(), certificate, ...options });
  }

  async function connectTo(server: TestSmtpServer, settings: object = {}): Promise<string> {
    const body = smtpConnection(server.password, {
      host: 'localhost',
      port: server.port,
      caCertificate: authority.cert,
      ...settings,
    });
    const created = await service.call('POST', PATH, { body });
    expect(created.status).toBe(201);
    return `${PATH}/${String(created.body.id)}`;
  }

  it.each([
    ['implicit TLS', 'implicit', { tlsMode: 'implicit' }],
    ['STARTTLS', 'starttls', {}],
  ] as const)('delivers a test mail over %s, with AUTH', async (_name, encryption, settings) => {
    const server = await mailServer({ encryption });
    const path = await connectTo(server, settings);
    const test = await service.call('POST', `${path}/test`, { body: TO });
    expect(test.status).toBe(200);
    expect(test.body.diagnosis).toMatchObject({
      ok: true,
      checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' },
      warnings: [],
      sent: { accepted: TO.to, rejected: [] },
    });
    expect(server.messages).toHaveLength(1);
    const [message] = server.messages;
    expect(message?.encrypted).toBe(true);
    expect(message?.username).toBe('relay');
    expect(message?.parsed.subject).toBe('[TEST] Relay');
    expect(message?.parsed.from?.text).toBe('"News" <news@sender.example>');
    expect(`<${String(test.body.diagnosis.sent.messageId).replace(/^<|>$/g, '')}>`).toBe(message?.parsed.messageId);
    await server.close();
  });

  it('remembers tests: the last one on the connection, the others in the history', async () => {
    const server = await mailServer({});
    const path = await connectTo(server);
    await service.call('POST', `${path}/test`);
    expect(server.messages).toHaveLength(0);
    await server.close();
    await service.call('POST', `${path}/test`);
    const connection = (await service.call('GET', path)).body;
    expect(connection.version).toBe(1);
    expect(connection.lastTest).toEqual({
      testedAt: expect.any(String),
      ok: false,
      code: 'connection_refused',
      fault: 'configuration',
    });
    const history = (await service.call('GET', `${path}/tests`)).body.data;
    expect(history.map((test: any) => test.diagnosis.ok)).toEqual([false, true]);
    expect(history[0].testedAt).toBe(connection.lastTest.testedAt);

    await service.call('PATCH', path, { body: { name: 'Renamed' } });
    expect((await service.call('GET', path)).body.lastTest).not.toBeNull();
    await service.call('PATCH', path, { body: { settings: { heloName: 'crm.sender.example' } } });
    expect((await service.call('GET', path)).body.lastTest).toBeNull();
  });

  it.each<[string, TestSmtpServerOptions, object, object]>([
    [
      'a wrong password',
      { refuse: { authentication: '535 5.7.8 No' } },
      {},
      { code: 'authentication_failed', stage: 'authenticate', smtpCode: 535, enhancedCode: '5.7.8' },
    ],
    ['an untrusted certificate', {}, { caCertificate: undefined }, { code: 'certificate_untrusted', stage: 'tls' }],
    ['STARTTLS that is not offered', { encryption: 'none' }, {}, { code: 'starttls_not_offered', stage: 'tls' }],
    [
      'AUTH that is not offered',
      { authentication: 'none' },
      {},
      { code: 'authentication_not_offered', stage: 'authenticate' },
    ],
    [
      'a refused sender',
      { refuse: { sender: '553 5.7.1 Not yours' } },
      {},
      { code: 'sender_rejected', stage: 'sender', smtpCode: 553 },
    ],
  ])('%s has a code and a hint of its own', async (_name, options, settings, expected) => {
    const server = await mailServer(options);
    const path = await connectTo(server, settings);
    const { status, body } = await service.call('POST', `${path}/test`, { body: TO });
    expect(status).toBe(200);
    expect(body.diagnosis.ok).toBe(false);
    expect(body.diagnosis.error).toMatchObject({ ...expected, hint: expect.stringMatching(/.{20,}/) });
    expect(server.messages).toHaveLength(0);
    await server.close();
  });

  it('a closed port is told from a server that says nothing', async () => {
    const closed = await mailServer({});
    const path = await connectTo(closed);
    await closed.close();
    expect((await service.call('POST', `${path}/test`)).body.diagnosis.error.code).toBe('connection_refused');

    const silent = await RawServer.silent();
    const body = { ...smtpConnection(service.secret(), { host: 'localhost', port: silent.port }), ...TO };
    const { diagnosis } = (await service.call('POST', `${PATH}/test`, { body })).body;
    expect(diagnosis.error.code).toBe('no_greeting');
    expect(diagnosis.durationMs).toBeLessThan(15_000);
    await silent.close();
  });

  it('names the one of two recipients that was refused', async () => {
    const server = await mailServer({ refuse: { recipients: { 'gone@recipient.example': '550 5.1.1 No such user' } } });
    const path = await connectTo(server);
    const to = ['ada@recipient.example', 'gone@recipient.example'];
    const { diagnosis } = (await service.call('POST', `${path}/test`, { body: { to } })).body;
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' },
      error: { code: 'recipient_rejected', fault: 'recipient' },
      sent: {
        accepted: ['ada@recipient.example'],
        rejected: [{ recipient: 'gone@recipient.example', error: { code: 'recipient_rejected', smtpCode: 550 } }],
      },
    });
    expect(server.messages.map((message) => message.to)).toEqual([['ada@recipient.example']]);
    await server.close();
  });

  it('says that a password may travel in clear', async () => {
    const server = await mailServer({ encryption: 'none' });
    const path = await connectTo(server, { secure: false, caCertificate: undefined });
    const { diagnosis } = (await service.call('POST', `${path}/test`, { body: TO })).body;
    expect([diagnosis.ok, diagnosis.warnings.map((warning: any) => warning.code)]).toEqual([
      true,
      ['password_in_clear'],
    ]);
    await server.close();
  });

  it('keeps pasted spaces in a login and warns of them, in the test and when sending', async () => {
    const server = await mailServer({ username: 'relay@sender.example' });
    const path = await connectTo(server, { username: ' relay@sender.example ' });
    expect((await service.call('GET', path)).body.settings.username).toBe(' relay@sender.example ');
    const { diagnosis } = (await service.call('POST', `${path}/test`)).body;
    expect(diagnosis.warnings).toEqual([
      {
        code: 'suspicious_credential',
        hint: '“Username” starts or ends with a space. Remove the space unless it belongs there.',
        pointer: '/settings/username',
      },
    ]);
    expect(diagnosis.error).toMatchObject({ code: 'authentication_failed' });
    const sent = await service.call('POST', `${path}/messages`, {
      body: { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' },
    });
    expect(sent.status).toBe(422);
    for (const hint of [diagnosis.error.hint, sent.body.detail]) {
      expect(hint).toContain('“Username” starts or ends with a space');
    }
    expect(server.logins.map(({ username }) => username)).toEqual([' relay@sender.example ', ' relay@sender.example ']);
    await server.close();
  });

  it('lends a stored password to unsaved changes', async () => {
    const server = await mailServer({});
    const path = await connectTo(server);
    const connectionId = path.split('/').at(-1);
    const body = { connectionId, fromName: 'Changed', settings: { heloName: 'crm.sender.example' }, ...TO };
    const test = await service.call('POST', `${PATH}/test`, { body });
    expect(test.body.diagnosis.ok).toBe(true);
    expect(server.messages[0]?.parsed.from?.text).toBe('"Changed" <news@sender.example>');
    expect((await service.call('GET', path)).body.lastTest).toBeNull();
    await server.close();
  });

  it('never lends it to another host: nothing reaches a listener that somebody put in its place', async () => {
    const server = await mailServer({});
    const path = await connectTo(server);
    const listener = await TestSmtpServer.start({ certificate });
    const settings = { host: '127.0.0.1', port: listener.port, secure: false, caCertificate: null };
    const connectionId = path.split('/').at(-1);
    const tested = await service.call('POST', `${PATH}/test`, { body: { connectionId, settings, ...TO } });
    const patched = await service.call('PATCH', path, { body: { settings } });
    for (const answer of [tested, patched]) {
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toMatchObject([{ pointer: '/settings/password', code: 'secret_required' }]);
    }
    await service.call('POST', `${path}/test`, { body: TO });
    expect([listener.connections, listener.logins, server.messages.length]).toEqual([0, [], 1]);
    await Promise.all([server.close(), listener.close()]);
  });
});

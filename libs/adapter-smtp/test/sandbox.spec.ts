import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCENARIO_NAMES } from '@score-crm/adapter-kit/sandbox';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { SmtpSettings } from '@score-crm/adapter-smtp';
import { SmtpSandbox, startSandbox } from '../sandbox/index.ts';
import { loopbackAdapter, message } from './support.ts';

const adapter = loopbackAdapter();
let sandbox: SmtpSandbox;

beforeAll(async () => {
  sandbox = await SmtpSandbox.start();
});
afterAll(() => sandbox.close());

function settings(changes: object = {}): SmtpSettings {
  return Object.assign(new SmtpSettings(), sandbox.settings, changes);
}

describe('the sandbox', () => {
  it('keeps what it receives, and reports it like all sandboxes', async () => {
    const sent = message({
      cc: [{ email: 'c@example.net' }],
      bcc: [{ email: 'd@example.net' }],
      subject: 'Grüße',
      html: '<p>x</p>',
    });
    const { messageId } = await adapter.send(sent, settings());
    expect(sandbox.mails.at(-1)).toEqual({
      messageId,
      from: 'sender@example.com',
      recipients: ['reader@example.net', 'c@example.net', 'd@example.net'],
      subject: 'Grüße',
    });
    expect(sandbox.messages.at(-1)?.parsed).toMatchObject({ text: 'A text.', html: '<p>x</p>' });
    expect(sandbox).toMatchObject({ vendor: 'smtp', webhooks: [] });
    expect(sandbox).not.toHaveProperty('url');
    await sandbox.settled();
  });

  it('accepts no mail without a login', async () => {
    const { username: _username, password: _password, ...others } = sandbox.settings;
    const anonymous = Object.assign(new SmtpSettings(), others, { authentication: 'none' });
    expect(await failureOf(adapter.send(message(), anonymous))).toMatchObject({ code: 'permission_denied' });
  });

  it('knows no other user', async () => {
    const failure = await failureOf(adapter.send(message(), settings({ username: 'nobody' })));
    expect(failure).toMatchObject({ code: 'authentication_failed', smtpCode: 535, enhancedCode: '5.7.8' });
  });

  it('lets only verified senders send, if there are any', async () => {
    const strict = await startSandbox({ verifiedSenders: ['@example.com'] });
    const account = Object.assign(new SmtpSettings(), strict.settings);
    expect((await adapter.send(message(), account)).accepted).toEqual(['reader@example.net']);
    const other = message({ from: { email: 'sender@elsewhere.example' } });
    expect(await failureOf(adapter.send(other, account))).toMatchObject({
      code: 'sender_not_verified',
      stage: 'sender',
      smtpCode: 553,
    });
    await strict.close();
  });

  it('listens on the given port', async () => {
    const first = await SmtpSandbox.start();
    const { port } = first;
    await first.close();
    const second = await SmtpSandbox.start({ port });
    expect(second.port).toBe(port);
    await second.close();
  });
});

describe('a recipient', () => {
  const REFUSED: readonly (readonly [name: string, code: string, smtpCode: number, enhancedCode: string])[] = [
    ['bounce', 'recipient_rejected', 550, '5.1.1'],
    ['block', 'recipient_rejected', 550, '5.7.1'],
    ['drop', 'recipient_rejected', 550, '5.7.1'],
    ['softbounce', 'recipient_deferred', 452, '4.2.2'],
    ['defer', 'recipient_deferred', 451, '4.7.0'],
    ['slow+1', 'recipient_deferred', 451, '4.7.0'],
  ];

  it.each(REFUSED)('%s is rejected: %s, %i %s', async (name, code, smtpCode, enhancedCode) => {
    const to = [{ email: 'ada@recipient.example' }, { email: `${name}@recipient.example` }];
    const result = await adapter.send(message({ to }), settings());
    expect(result).toMatchObject({
      accepted: ['ada@recipient.example'],
      rejected: [{ recipient: `${name}@recipient.example`, error: { code, smtpCode, enhancedCode } }],
    });
    expect(sandbox.mails.at(-1)?.recipients).toEqual(['ada@recipient.example']);
  });

  it('accepts any other scenario: later events have no reply', async () => {
    const refused = new Set(REFUSED.map(([name]) => name.split('+')[0]));
    const names = SCENARIO_NAMES.filter((name) => !refused.has(name));
    const to = names.map((name) => ({ email: `${name}@recipient.example` }));
    expect(to.length).toBeGreaterThan(4);
    expect(await adapter.send(message({ to }), settings())).toMatchObject({ rejected: [] });
  });
});

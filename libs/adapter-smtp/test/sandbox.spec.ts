import { SCENARIO_NAMES } from '@score-crm/adapter-kit/sandbox';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { SmtpSettings } from '@score-crm/adapter-smtp';
import { SmtpSandbox } from '../sandbox/index.ts';
import { loopbackAdapter, message } from './support.ts';

const adapter = loopbackAdapter();
let sandbox: SmtpSandbox;

beforeAll(async () => {
  sandbox = await SmtpSandbox.start({ verifiedSenders: ['@example.com'] });
});
afterAll(() => sandbox.close());

function settings(changes: object = {}): SmtpSettings {
  return Object.assign(new SmtpSettings(), sandbox.settings, changes);
}

it('the sandbox requires a login, and knows one user', async () => {
  const { username: _username, password: _password, ...others } = sandbox.settings;
  const anonymous = Object.assign(new SmtpSettings(), others, { authentication: 'none' });
  expect(await failureOf(adapter.send(message(), anonymous))).toMatchObject({ code: 'permission_denied' });
  const failure = await failureOf(adapter.send(message(), settings({ username: 'nobody' })));
  expect(failure).toMatchObject({ code: 'authentication_failed', smtpCode: 535, enhancedCode: '5.7.8' });
});

it('the sandbox lets only verified senders send, if there are any', async () => {
  expect((await adapter.send(message(), settings())).accepted).toEqual(['reader@example.net']);
  const failure = await failureOf(adapter.send(message({ from: { email: 'sender@elsewhere.example' } }), settings()));
  expect(failure).toMatchObject({ code: 'sender_not_verified', stage: 'sender', smtpCode: 553 });
});

it('the sandbox listens on the given port', async () => {
  const first = await SmtpSandbox.start();
  const { port } = first;
  await first.close();
  const second = await SmtpSandbox.start({ port });
  expect(second.port).toBe(port);
  await second.close();
});

it('the sandbox rejects the recipients of scenarios that have a reply, and accepts the others', async () => {
  const rejections = {
    bounce: 'recipient_rejected 550 5.1.1',
    block: 'recipient_rejected 550 5.7.1',
    drop: 'recipient_rejected 550 5.7.1',
    softbounce: 'recipient_deferred 452 4.2.2',
    defer: 'recipient_deferred 451 4.7.0',
    slow: 'recipient_deferred 451 4.7.0',
  };
  const to = ['ada', 'slow+1', ...SCENARIO_NAMES].map((name) => ({ email: `${name}@recipient.example` }));
  const { accepted, rejected } = await adapter.send(message({ to }), settings());
  const seen = rejected.map(({ recipient, error }) => [
    recipient.split('@')[0],
    `${error.code} ${error.smtpCode} ${error.enhancedCode}`,
  ]);
  expect(Object.fromEntries(seen)).toEqual({ ...rejections, 'slow+1': rejections.slow });
  expect(accepted).toEqual(
    to.map(({ email }) => email).filter((email) => !seen.some(([name]) => email.startsWith(`${name}@`))),
  );
  expect(sandbox.mails.at(-1)?.recipients).toEqual(accepted);
});

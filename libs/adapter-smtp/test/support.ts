import {
  type AdapterErrorDetails,
  type EmailMessage,
  OutboundConnector,
  OutboundPolicy,
  type Probe,
} from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { SmtpAdapter, SmtpSettings } from '@score-crm/adapter-smtp';
import type { TestSmtpServer } from '../../../test/support/smtp-server.ts';

export const PASSWORD = 'correct horse battery staple';

export function loopbackAdapter(): SmtpAdapter {
  return new SmtpAdapter(new OutboundConnector(new OutboundPolicy({ allowLoopback: true })));
}

/** Settings that reach a server; unencrypted and with the right login by default. */
export function settingsFor(server: { readonly port: number }, overrides: Partial<SmtpSettings> = {}): SmtpSettings {
  const { username, password } = server as Partial<TestSmtpServer>;
  const login = { username: username ?? 'user@example.com', password: password ?? PASSWORD };
  return Object.assign(new SmtpSettings(), {
    host: '127.0.0.1',
    port: server.port,
    secure: false,
    ...login,
    ...overrides,
  });
}

export function withoutLogin(server: { readonly port: number }, overrides: Partial<SmtpSettings> = {}): SmtpSettings {
  const settings = settingsFor(server, { authentication: 'none', ...overrides });
  delete settings.username;
  delete settings.password;
  return settings;
}

export function message(overrides: Partial<EmailMessage> = {}): EmailMessage {
  return {
    from: { email: 'sender@example.com', name: 'The sender' },
    to: [{ email: 'reader@example.net' }],
    subject: 'Hello',
    text: 'A text.',
    ...overrides,
  };
}

export function probe(overrides: Partial<Probe> = {}): Probe {
  return { subject: 'Test', text: 'A test.', from: { email: 'sender@example.com' }, ...overrides };
}

/** The errors of a test with the same recipients, of sending, and of sending over a pool; each over a new connection. */
export async function failures(
  settings: SmtpSettings,
  sent: EmailMessage = message(),
  adapter = loopbackAdapter(),
): Promise<readonly (AdapterErrorDetails | undefined)[]> {
  const { from, to, subject, text = '' } = sent;
  const errors = [
    (await adapter.diagnose(settings, { from, subject, text, to: to.map(({ email }) => email) })).error,
    await failureOf(adapter.send(sent, settings)),
    await failureOf(adapter.send(sent, settings, { poolKey: 'a' })),
  ];
  adapter.release();
  return errors;
}

/** Repeats an expectation until it passes, for at most ten seconds. */
export async function eventually(expectation: () => void): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    try {
      return expectation();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  expectation();
}

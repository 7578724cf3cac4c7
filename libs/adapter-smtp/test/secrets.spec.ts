import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
import { RawServer } from '../../../test/support/raw-server.ts';
import { loopbackAdapter, message, PASSWORD, probe, settingsFor } from './support.ts';

const USERNAME = 'user@example.com';
const PLAIN = Buffer.from(`\0${USERNAME}\0${PASSWORD}`).toString('base64');
const FORMS = [PASSWORD, Buffer.from(PASSWORD).toString('base64'), PLAIN, encodeURIComponent(PASSWORD)];

// Some real servers repeat what they received; their replies are shown to users.
describe.each(FORMS)('a server that repeats the login as %s', (form) => {
  it.each([
    ['at the login', ['250-mx\r\n250 AUTH PLAIN', `535 5.7.8 Bad login: ${form}`]],
    ['at the sender', ['250-mx\r\n250 AUTH PLAIN', '235 ok', `550 5.7.1 Not after ${form}`]],
    ['at the recipient', ['250-mx\r\n250 AUTH PLAIN', '235 ok', '250 ok', `550 5.1.1 Not after ${form}`]],
  ])('%s is not repeated in errors', async (_where, replies) => {
    const servers = await Promise.all([1, 2, 3].map(() => RawServer.scripted('220 mx', ...replies)));
    const settings = servers.map((server) => settingsFor(server, { username: USERNAME }));
    const [tested, used, pooled] = settings as [SmtpSettings, SmtpSettings, SmtpSettings];
    const adapter = loopbackAdapter();
    const outcomes = [
      await adapter.diagnose(tested, probe({ to: ['a@example.net'] })),
      await failureOf(adapter.send(message(), used)),
      await failureOf(adapter.send(message(), pooled, { poolKey: 'a' })),
      await adapter.send(message(), used).catch((error: Error) => [error.message, error.stack, error.cause]),
    ];
    adapter.release();
    const outcome = JSON.stringify(outcomes);
    expect(outcome).toContain('[redacted]');
    for (const secret of FORMS) expect(outcome).not.toContain(secret);
    await Promise.all(servers.map((server) => server.close()));
  });
});

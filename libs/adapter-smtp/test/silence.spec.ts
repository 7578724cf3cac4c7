import { jest } from '@jest/globals';
import type { AdapterErrorDetails, Diagnosis } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
import { TIME_LIMITS } from '../src/smtp.connection.ts';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { type DroppingPort, droppingPort, RawServer } from '../../../test/support/raw-server.ts';
import { TestSmtpServer } from '../../../test/support/smtp-server.ts';
import { loopbackAdapter, message, probe, settingsFor } from './support.ts';

/** The limits of these tests, in the same order as the real ones. */
const LIMITS = { connect: 400, greeting: 800, diagnosis: 2_000 };

interface Outcome {
  readonly diagnosis: Diagnosis;
  readonly sendFailure: AdapterErrorDetails;
}

it('the real limits let a diagnosis end within 15 seconds, with its most specific error', () => {
  const { connect, greeting, diagnosis, quit } = TIME_LIMITS;
  expect(Math.max(connect, greeting)).toBeLessThan(diagnosis);
  expect(diagnosis + quit).toBeLessThanOrEqual(15_000);
});

// All of them wait for their time limits; so they wait together.
describe('a silent server', () => {
  let dropping: DroppingPort;
  let silent: RawServer;
  let implicit: TestSmtpServer;
  let trickling: RawServer;
  let mute: RawServer;
  let outcomes: Readonly<Record<string, Outcome>>;

  beforeAll(async () => {
    for (const [name, limit] of Object.entries(LIMITS)) {
      jest.replaceProperty(TIME_LIMITS, name as keyof typeof LIMITS, limit);
    }
    dropping = await droppingPort();
    silent = await RawServer.silent();
    const certificate = await (await TestAuthority.create()).issue();
    implicit = await TestSmtpServer.start({ encryption: 'implicit', certificate });
    trickling = await RawServer.start((socket) => {
      socket.resume();
      const timer = setInterval(() => socket.write('220-still starting\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    mute = await RawServer.greeting('220 mx\r\n');
    const cases = {
      dropped: settingsFor(dropping),
      silent: settingsFor(silent),
      silentToTls: settingsFor(silent, { tlsMode: 'implicit' }),
      implicitPort: settingsFor(implicit, { tlsMode: 'starttls' }),
      trickling: settingsFor(trickling),
      muteAfterGreeting: settingsFor(mute),
    };
    outcomes = Object.fromEntries(
      await Promise.all(Object.entries(cases).map(async ([name, settings]) => [name, await tryOut(settings)])),
    );
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await Promise.all([dropping.close(), silent.close(), implicit.close(), trickling.close(), mute.close()]);
  });

  it.each([
    ['dropped', { code: 'connection_timeout', stage: 'connect', fault: 'network', retryable: true }],
    ['silent', { code: 'no_greeting', stage: 'connect', fault: 'configuration', retryable: false }],
    ['implicitPort', { code: 'no_greeting', stage: 'connect', fault: 'configuration', retryable: false }],
    ['silentToTls', { code: 'timeout', stage: 'tls', fault: 'network', retryable: true }],
    ['muteAfterGreeting', { code: 'timeout', stage: 'connect', fault: 'network', retryable: true }],
    ['trickling', { code: 'no_greeting', stage: 'connect', fault: 'configuration', retryable: false }],
  ])('%s', (name, expected) => {
    const { diagnosis, sendFailure } = outcomes[name] as Outcome;
    expect(diagnosis.error).toMatchObject(expected);
    expect(diagnosis.error?.hint).toMatch(/^[A-Z].{20,}\.$/);
    expect(sendFailure).toMatchObject(expected);
  });

  it('is reported as one that expects TLS, if that is likely', () => {
    expect(outcomes['implicitPort']?.diagnosis.error?.hint).toContain('implicit TLS');
  });
});

async function tryOut(settings: SmtpSettings): Promise<Outcome> {
  const adapter = loopbackAdapter();
  const [diagnosis, sendFailure] = await Promise.all([
    adapter.diagnose(settings, probe()),
    failureOf(adapter.send(message(), settings, { signal: AbortSignal.timeout(LIMITS.diagnosis) })),
  ]);
  return { diagnosis, sendFailure };
}

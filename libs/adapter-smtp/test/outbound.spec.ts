import { OutboundConnector, OutboundPolicy } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { RawServer } from '../../../test/support/raw-server.ts';
import { message, probe, settingsFor } from './support.ts';

const adapter = new SmtpAdapter(new OutboundConnector(new OutboundPolicy()));
let server: RawServer;

beforeAll(async () => {
  server = await RawServer.greeting('220 internal\r\n');
});
afterAll(() => server.close());

describe('a tenant cannot reach what is private', () => {
  it.each(['127.0.0.1', 'localhost', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '0x7f.1', '2130706433'])(
    '%s',
    async (host) => {
      const settings = settingsFor(server, { host });
      const forbidden = { code: 'address_forbidden', stage: 'connect', fault: 'configuration', retryable: false };
      expect((await adapter.diagnose(settings, probe())).error).toMatchObject(forbidden);
      expect(await failureOf(adapter.send(message(), settings))).toMatchObject(forbidden);
      expect(await failureOf(adapter.send(message(), settings, { poolKey: host }))).toMatchObject(forbidden);
      expect(server.connections).toBe(0);
    },
  );

  it('unless the operator allows it', async () => {
    const allowing = new SmtpAdapter(new OutboundConnector(new OutboundPolicy({ allow: ['127.0.0.0/8'] })));
    await allowing.diagnose(settingsFor(server), probe(), { signal: AbortSignal.timeout(300) });
    expect(server.connections).toBe(1);
  });
});

import { OutboundConnector, OutboundPolicy } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { ScriptedServer } from './scripted-server.ts';
import { message, probe, settingsFor } from './support.ts';

const adapter = new SmtpAdapter(new OutboundConnector(new OutboundPolicy()));
const PRESETS = (adapter.presets ?? []).filter(({ key }) => key !== 'local');
let server: ScriptedServer;
/** The port is allowed: it is the address that is refused. */
let withPort: SmtpAdapter;

beforeAll(async () => {
  server = await ScriptedServer.start();
  withPort = new SmtpAdapter(new OutboundConnector(new OutboundPolicy({ ports: [settingsFor(server).port] })));
});
afterAll(() => server.close());

describe('a tenant cannot reach private addresses', () => {
  it.each(['127.0.0.1', 'localhost', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '0x7f.1', '2130706433'])(
    '%s',
    async (host) => {
      const settings = settingsFor(server, { host });
      const forbidden = { code: 'address_forbidden', stage: 'connect', fault: 'configuration', retryable: false };
      expect((await withPort.diagnose(settings, probe())).error).toMatchObject(forbidden);
      expect(await failureOf(withPort.send(message(), settings))).toMatchObject(forbidden);
      expect(await failureOf(withPort.send(message(), settings, { poolKey: host }))).toMatchObject(forbidden);
      expect(server.connections).toBe(0);
    },
  );

  it('unless the operator allows it', async () => {
    const allowing = new SmtpAdapter(new OutboundConnector(new OutboundPolicy({ allow: ['127.0.0.0/8'] })));
    expect((await allowing.diagnose(settingsFor(server), probe())).ok).toBe(true);
    expect(server.connections).toBe(1);
  });
});

describe('a tenant cannot scan ports', () => {
  it.each([1, 22, 443, 3306])('the port %d of a public host is refused before any connection', async (port) => {
    const settings = settingsFor(server, { host: '1.1.1.1', port });
    const forbidden = { code: 'port_forbidden', stage: 'connect', retryable: false, pointer: '/settings/port' };
    expect((await adapter.diagnose(settings, probe())).error).toMatchObject(forbidden);
    expect(await failureOf(adapter.send(message(), settings))).toMatchObject(forbidden);
    expect(await failureOf(adapter.send(message(), settings, { poolKey: String(port) }))).toMatchObject(forbidden);
    expect(adapter.checkSettings(settings)).toMatchObject([{ pointer: '/port', code: 'port_forbidden' }]);
  });

  it('a private address is reported with its setting', () => {
    const settings = settingsFor(server, { host: '168.63.129.16', port: 587 });
    expect(adapter.checkSettings(settings)).toMatchObject([{ pointer: '/host', code: 'address_forbidden' }]);
  });

  it.each(PRESETS)('the port of the preset $key is permitted', ({ settings }) => {
    expect(adapter.checkSettings(settingsFor(server, { host: 'mail.example.com', port: 587, ...settings }))).toEqual(
      [],
    );
  });
});

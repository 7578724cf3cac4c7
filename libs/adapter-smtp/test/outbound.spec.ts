import { OutboundConnector, OutboundPolicy } from '@score-crm/adapter-kit';
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { ScriptedServer } from '../../../test/support/scripted-server.ts';
import { failures, message, probe, settingsFor } from './support.ts';

const adapterWith = (policy: ConstructorParameters<typeof OutboundPolicy>[0] = {}) =>
  new SmtpAdapter(new OutboundConnector(new OutboundPolicy(policy)));
const adapter = adapterWith();
let server: ScriptedServer;

beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => server.close());

// The kit's tests have more addresses and ports. These show that each call asks the policy before it connects.
it.each(['127.0.0.1', 'localhost', '169.254.169.254', '::ffff:127.0.0.1', '2130706433'])(
  'a tenant cannot reach the private address %s unless the operator allows it',
  async (host) => {
    const settings = settingsFor(server, { host });
    for (const failure of await failures(settings, message(), adapterWith({ ports: [server.port] }))) {
      expect(failure).toMatchObject({
        code: 'address_forbidden',
        stage: 'connect',
        fault: 'configuration',
        retryable: false,
        pointer: '/settings/host',
      });
    }
    expect(server.connections).toBe(0);
  },
);

it('an operator can allow a private address', async () => {
  expect((await adapterWith({ allow: ['127.0.0.0/8'] }).diagnose(settingsFor(server), probe())).ok).toBe(true);
  expect(server.connections).toBe(1);
});

it.each([22, 443])('a tenant cannot reach the port %d of a public host', async (port) => {
  const settings = settingsFor(server, { host: '1.1.1.1', port });
  for (const failure of await failures(settings, message(), adapter)) {
    const expected = { code: 'port_forbidden', stage: 'connect', retryable: false, pointer: '/settings/port' };
    expect(failure).toMatchObject(expected);
  }
  expect(adapter.checkSettings(settings)).toMatchObject([{ pointer: '/port', code: 'port_forbidden' }]);
});

it('settings with a private address are reported, and the ports of all presets are permitted', () => {
  const errors = (settings: object) =>
    adapter.checkSettings(settingsFor(server, { host: 'mail.example.com', port: 587, ...settings }));
  expect(errors({ host: '168.63.129.16' })).toMatchObject([{ pointer: '/host', code: 'address_forbidden' }]);
  expect(adapter.checkSettings({ port: 22 })).toEqual([]);
  const presets = (adapter.presets ?? []).filter(({ key }) => key !== 'local');
  expect(presets.length).toBeGreaterThan(20);
  for (const { settings } of presets) expect(errors(settings)).toEqual([]);
});

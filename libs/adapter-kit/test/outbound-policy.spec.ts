import { MAIL_PORTS, OutboundPolicy } from '@score-crm/adapter-kit';

/** Whether an address, given as the host itself, is permitted. */
const permits = (policy: OutboundPolicy, address: string): boolean => policy.permits(address, address);

const FORBIDDEN = [
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['loopback', '::1'],
  ['unspecified', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['unspecified', '::'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['link-local, the metadata service', '169.254.169.254'],
  ['link-local', 'fe80::1'],
  ['link-local with a zone', 'fe80::1%eth0'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['carrier-grade NAT', '100.127.255.255'],
  ['unique local', 'fc00::1'],
  ['unique local, a metadata service', 'fd00:ec2::254'],
  ['site-local', 'fec0::1'],
  ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
  ['IPv4-mapped loopback', '::ffff:7f00:1'],
  ['IPv4-mapped loopback, long', '0:0:0:0:0:ffff:7f00:0001'],
  ['IPv4-mapped private', '::ffff:10.0.0.1'],
  ['IPv4-mapped link-local', '::ffff:a9fe:a9fe'],
  ['IPv4-compatible loopback', '::127.0.0.1'],
  ['IPv4-compatible private', '::a00:1'],
  ['IPv4-compatible public', '::8.8.8.8'],
  ['IPv4-translated', '::ffff:0:7f00:1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64, local use', '64:ff9b:1::7f00:1'],
  ['6to4', '2002:7f00:1::'],
  ['Teredo', '2001:0:7f00:1::'],
  ['multicast', '224.0.0.1'],
  ['multicast', 'ff02::1'],
  ['broadcast', '255.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['protocol assignments', '192.0.0.1'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['benchmarking', '198.18.0.1'],
  ['discard-only', '100::1'],
  ['dummy prefix', '100:0:0:1::1'],
  ['not allocated', '4000::1'],
  ['not allocated', '100:64::1'],
  ['segment routing', '5f00::1'],
  ['the wire server of Azure', '168.63.129.16'],
  ['the wire server of Azure, IPv4-mapped', '::ffff:168.63.129.16'],
  ['a metadata service in carrier-grade NAT', '100.100.100.200'],
  ['a metadata service in protocol assignments', '192.0.0.192'],
  ['a metadata service of ECS', '169.254.170.2'],
  ['a metadata service of Google', 'fd20:ce::254'],
] as const;

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
  '::ffff:8.8.8.8',
];

describe('OutboundPolicy', () => {
  it.each(FORBIDDEN)('refuses %s: %s', (_, address) => {
    expect(permits(new OutboundPolicy(), address)).toBe(false);
  });

  it.each(PUBLIC)('permits the public address %s', (address) => {
    expect(permits(new OutboundPolicy(), address)).toBe(true);
    expect(new OutboundPolicy().permits('smtp.example.com', address)).toBe(true);
  });

  it.each(['', 'localhost', '2130706433', '0x7f.1', '127.1', '0177.0.0.1', '[::1]', '1.1.1.1:80', '8.8.8.8 '])(
    'rejects %j, which is not an address',
    (address) => {
      expect(permits(new OutboundPolicy({ allowLoopback: true, allow: ['0.0.0.0/0', '::/0'] }), address)).toBe(false);
    },
  );

  it('refuses a name that resolves to a forbidden address', () => {
    expect(new OutboundPolicy().permits('metadata.example.com', '169.254.169.254')).toBe(false);
  });

  describe('with loopback allowed', () => {
    const policy = new OutboundPolicy({ allowLoopback: true });

    it.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('permits %s', (address) => {
      expect(permits(policy, address)).toBe(true);
    });

    it.each(['10.0.0.1', '169.254.169.254', '0.0.0.0', '::', '::127.0.0.1'])('still refuses %s', (address) => {
      expect(permits(policy, address)).toBe(false);
    });
  });

  describe('with an allowed host', () => {
    const policy = new OutboundPolicy({ allow: [' Mail.Corp.Example. ', 'relay_1'] });

    it.each(['mail.corp.example', 'MAIL.corp.example', 'mail.corp.example.', 'relay_1'])('permits it as %s', (host) => {
      expect(policy.permits(host, '10.1.2.3')).toBe(true);
    });

    it.each(['corp.example', 'x.mail.corp.example', 'mail.corp.example.evil.com', '10.1.2.3'])('refuses %s', (host) => {
      expect(policy.permits(host, '10.1.2.3')).toBe(false);
    });
  });

  describe('with an allowed address or network', () => {
    it.each([
      ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
      ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:10.1.2.4'],
      ['::ffff:10.1.2.3', '10.1.2.3', '10.1.2.4'],
      ['10.1.0.0/16', '10.1.255.255', '10.2.0.0'],
      ['10.1.2.3/16', '10.1.0.1', '10.2.0.0'],
      ['10.1.0.0/16', '::ffff:10.1.0.1', '::ffff:10.2.0.1'],
      ['::ffff:10.1.0.0/112', '10.1.0.1', '10.2.0.1'],
      ['192.168.0.0/31', '192.168.0.1', '192.168.0.2'],
      ['fd00::1', 'fd00::1', 'fd00::2'],
      ['fd00:0:0::/48', 'fd00::ffff:1', 'fd00:0:1::1'],
      ['FD00::/8', 'fdff::1', 'fc00::1'],
    ])('%s permits %s and not %s', (entry, inside, outside) => {
      const policy = new OutboundPolicy({ allow: [entry] });
      expect(permits(policy, inside)).toBe(true);
      expect(policy.permits('db.corp.example', inside)).toBe(true);
      expect(permits(policy, outside)).toBe(false);
    });
  });

  describe('with allowed networks that contain metadata services', () => {
    const policy = new OutboundPolicy({
      allow: ['0.0.0.0/0', '::/0', '64:ff9b::/96', 'metadata.google.internal'],
    });

    it.each([
      '169.254.169.254',
      '168.63.129.16',
      '100.100.100.200',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
    ])('still refuses %s', (address) => {
      expect(permits(policy, address)).toBe(false);
      expect(policy.permits('metadata.google.internal', address)).toBe(false);
    });

    it('permits one that an entry lists by its address', () => {
      expect(permits(new OutboundPolicy({ allow: ['169.254.169.254'] }), '169.254.169.254')).toBe(true);
      expect(permits(new OutboundPolicy({ allow: ['fd00:ec2::254'] }), 'fd00:ec2::254')).toBe(true);
      expect(permits(new OutboundPolicy({ allow: ['64:ff9b::/96'] }), '64:ff9b::a01:203')).toBe(true);
    });
  });

  describe('decides about ports', () => {
    const target = (port: number, protocol: 'smtp' | 'http' | 'https' = 'smtp', host = 'mail.example.com') => ({
      protocol,
      host,
      port,
    });
    const policy = new OutboundPolicy();

    it.each([25, 465, 587, 2525, 2465, 2587])('permits the mail port %d of public hosts', (port) => {
      expect(MAIL_PORTS.has(port)).toBe(true);
      expect(policy.refusal(target(port), '1.1.1.1')).toBeUndefined();
      expect(policy.refusalUnresolved(target(port))).toBeUndefined();
    });

    it.each([1, 22, 80, 443, 993, 3306, 6379, 8080, 65_535])('refuses the port %d of public hosts', (port) => {
      expect(policy.refusal(target(port), '1.1.1.1')).toBe('port_forbidden');
      expect(policy.refusalUnresolved(target(port))).toBe('port_forbidden');
      expect(policy.refusalUnresolved(target(port, 'smtp', '1.1.1.1'))).toBe('port_forbidden');
    });

    it('refuses a private address on every port', () => {
      expect(policy.refusal(target(22), '10.0.0.1')).toBe('address_forbidden');
      expect(policy.refusalUnresolved(target(587, 'smtp', '10.0.0.1'))).toBe('address_forbidden');
    });

    it('permits the ports that the operator adds', () => {
      const more = new OutboundPolicy({ ports: [2526] });
      expect(more.refusal(target(2526), '1.1.1.1')).toBeUndefined();
      expect(more.refusal(target(2527), '1.1.1.1')).toBe('port_forbidden');
    });

    it('permits every port of what the operator allows, and of loopback if that is allowed', () => {
      const allowing = new OutboundPolicy({ allow: ['relay.example.com', '10.1.0.0/16'], allowLoopback: true });
      expect(allowing.refusal(target(22, 'smtp', 'relay.example.com'), '1.1.1.1')).toBeUndefined();
      expect(allowing.refusal(target(22), '10.1.2.3')).toBeUndefined();
      expect(allowing.refusal(target(1025), '127.0.0.1')).toBeUndefined();
      expect(allowing.refusal(target(1025), '1.1.1.1')).toBe('port_forbidden');
      // Its name may resolve to what is allowed.
      expect(allowing.refusalUnresolved(target(22))).toBeUndefined();
      expect(allowing.refusalUnresolved(target(22, 'smtp', '1.1.1.1'))).toBe('port_forbidden');
    });

    it('permits HTTPS on port 443 to APIs, and the addresses that the operator configured for them', () => {
      const api = new OutboundPolicy({ endpoints: ['http://proxy.example.com:8080/sendgrid'] });
      expect(api.refusal(target(443, 'https'), '1.1.1.1')).toBeUndefined();
      expect(api.refusal(target(8443, 'https'), '1.1.1.1')).toBe('port_forbidden');
      expect(api.refusal(target(80, 'http'), '1.1.1.1')).toBe('port_forbidden');
      expect(api.refusal(target(443, 'http'), '1.1.1.1')).toBe('port_forbidden');
      expect(api.refusal(target(8080, 'http', 'proxy.example.com'), '1.1.1.1')).toBeUndefined();
      expect(api.refusal(target(8081, 'http', 'proxy.example.com'), '1.1.1.1')).toBe('port_forbidden');
      expect(api.refusal(target(8080, 'http', 'proxy.example.com'), '10.0.0.1')).toBe('address_forbidden');
    });
  });

  it.each([
    '',
    ' ',
    'https://mail.example.com',
    'mail.example.com:25',
    '*.example.com',
    'mail example',
    '[::1]',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
    '10.0.0',
    '10/8',
    '010.0.0.0/8',
    '256.1.1.1',
    '2130706433',
    '0x7f.1',
    'fe80::1%eth0',
    '::10.0.0.1',
    'mail.example.com/8',
  ])('rejects the entry %j and says what to write', (entry) => {
    const make = (): OutboundPolicy => new OutboundPolicy({ allow: ['10.0.0.0/8', entry] });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(JSON.stringify(entry.trim()));
    expect(make).toThrow('Use a host name (mail.example.com), an IP address (10.1.2.3 or fd00::1) or a network');
  });
});

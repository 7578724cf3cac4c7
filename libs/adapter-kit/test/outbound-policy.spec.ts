import { OutboundPolicy } from '@score-crm/adapter-kit';

/** Whether an address, given as the host itself, may be reached. */
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
    'refuses %j, which is no address',
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
  ])('refuses the entry %j and says what to write', (entry) => {
    const make = (): OutboundPolicy => new OutboundPolicy({ allow: ['10.0.0.0/8', entry] });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(JSON.stringify(entry.trim()));
    expect(make).toThrow('Write a host name (mail.example.com), an IP address (10.1.2.3 or fd00::1) or a network');
  });
});

import { IsHostname, SettingsField, validateInput } from '@score-crm/adapter-kit';

class Settings {
  @SettingsField({ label: 'Host' })
  @IsHostname()
  host!: string;
}

describe('@IsHostname', () => {
  it.each([
    'localhost',
    'smtp.example.com',
    'smtp.example.com.',
    'SMTP.Example.COM',
    'a_b.example.com',
    'xn--mnchen-3ya.de',
    'münchen.de',
    '1and1.example',
    '127.0.0.1',
    '::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    `${'a'.repeat(63)}.com`,
  ])('accepts %s', (host) => {
    expect(validateInput(Settings, { host })).toMatchObject({ ok: true });
  });

  it.each([
    'https://smtp.example.com',
    'smtp.example.com:587',
    'smtp.example.com/path',
    'user@smtp.example.com',
    'smtp example com',
    ' smtp.example.com',
    'smtp..example.com',
    '.example.com',
    '.',
    '-a.example.com',
    'a-.example.com',
    `${'a'.repeat(64)}.com`,
    'a.'.repeat(127).concat('com'),
    '[::1]',
    'fe80::1%eth0',
    'example.com%00',
    'a\\b',
    'a?b',
    '256.256.256.256',
    '1.2.3',
    '2130706433',
    '0x7f.1',
    '１２７.0.0.1',
    'ü'.repeat(200),
    '\u200b',
  ])('rejects %j', (host) => {
    expect(validateInput(Settings, { host })).toMatchObject({ ok: false, errors: [{ pointer: '/host' }] });
  });
});

import { describeFields, validateInput } from '@score-crm/adapter-kit';
import { SMTP_PRESETS, SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';

const VALID = { host: 'smtp.example.com', username: 'user', password: 'password' };

function faults(input: object): string[] {
  const result = validateInput(SmtpSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

it('the settings have defaults', () => {
  const value = { ...VALID, port: 587, secure: true, authentication: 'password', tlsMode: 'auto', maxConnections: 5 };
  expect(validateInput(SmtpSettings, VALID)).toMatchObject({ ok: true, value });
});

it.each([
  [{ host: 'smtp://example.com' }, ['/host invalid']],
  [{ host: 'a.example\r\nQUIT' }, ['/host control_character']],
  [{ port: 0 }, ['/port out_of_range']],
  [{ port: 65_536 }, ['/port out_of_range']],
  [{ port: '587' }, ['/port wrong_type']],
  [{ secure: 'yes' }, ['/secure wrong_type']],
  [{ authentication: 'oauth2' }, expect.arrayContaining(['/authentication not_an_option'])],
  [{ authentication: 'none', username: undefined, password: undefined }, []],
  [{ tlsMode: 'none' }, ['/tlsMode not_an_option']],
  [{ username: 'a\nb' }, ['/username control_character']],
  [{ maxConnections: 0 }, ['/maxConnections out_of_range']],
  [{ maxConnections: 51 }, ['/maxConnections out_of_range']],
  [{ heloName: 'crm.example.com' }, []],
  [{ heloName: 'not a name' }, ['/heloName invalid']],
  [{ caCertificate: 'not a certificate' }, ['/caCertificate invalid']],
  [{ caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, ['/caCertificate invalid']],
])('settings with %j have the errors %j', (changes, expected) => {
  expect(faults({ ...VALID, ...changes })).toEqual(expected);
});

it('the settings accept one or more CA certificates, and no key with them', async () => {
  const authority = await TestAuthority.create();
  const { key } = await authority.issue();
  expect(faults({ ...VALID, caCertificate: authority.cert })).toEqual([]);
  expect(faults({ ...VALID, caCertificate: `${authority.cert}\n${authority.cert}\n` })).toEqual([]);
  expect(faults({ ...VALID, caCertificate: `${authority.cert}\n${key}` })).toEqual(['/caCertificate invalid']);
});

it('the settings bind the password to everything that decides where it is sent', () => {
  const fields = describeFields(SmtpSettings);
  const named = (wanted: 'bindsSecret' | 'advanced' | 'required') =>
    fields.filter((field) => field[wanted] === true).map(({ name }) => name);
  expect(named('bindsSecret').join()).toBe('host,port,secure,authentication,username,tlsMode,caCertificate');
  expect(named('advanced')).toEqual(['tlsMode', 'heloName', 'caCertificate', 'maxConnections']);
  expect(named('required')).toEqual(['host', 'username', 'password']);
  const text = expect.stringMatching(/./) as string;
  for (const field of fields) expect(field).toMatchObject({ label: text, help: text, group: text });
});

it('the presets encrypt, except for the local one', () => {
  const unencrypted = SMTP_PRESETS.filter(({ settings }) => settings['secure'] !== true);
  expect(unencrypted.map(({ key }) => key)).toEqual(['local']);
});

it('the preset of Google’s relay states in advance that the HELO name must be set', () => {
  const relay = SMTP_PRESETS.find(({ key }) => key === 'googleworkspacerelay');
  expect(relay).toMatchObject({ settings: { host: 'smtp-relay.gmail.com' }, needs: ['heloName'] });
  expect(relay?.note).toMatch(/^Set the HELO name/);
  expect(describeFields(SmtpSettings).find(({ name }) => name === 'heloName')?.help).toContain('Google’s relay');
});

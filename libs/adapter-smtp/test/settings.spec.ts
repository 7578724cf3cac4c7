import { describeFields, validateInput } from '@score-crm/adapter-kit';
import { SMTP_PRESETS, SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';

const VALID = { host: 'smtp.example.com', username: 'user', password: 'password' };

function faults(input: object): string[] {
  const result = validateInput(SmtpSettings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the settings', () => {
  it('have defaults', () => {
    expect(validateInput(SmtpSettings, VALID)).toEqual({
      ok: true,
      value: expect.objectContaining({
        ...VALID,
        port: 587,
        secure: true,
        authentication: 'password',
        tlsMode: 'auto',
      }) as SmtpSettings,
    });
  });

  it.each([
    [{ ...VALID, host: 'smtp://example.com' }, ['/host invalid']],
    [{ ...VALID, host: 'a.example\r\nQUIT' }, ['/host control_character']],
    [{ ...VALID, port: 0 }, ['/port out_of_range']],
    [{ ...VALID, port: 65_536 }, ['/port out_of_range']],
    [{ ...VALID, port: '587' }, ['/port wrong_type']],
    [{ ...VALID, secure: 'yes' }, ['/secure wrong_type']],
    [{ ...VALID, authentication: 'oauth2' }, expect.arrayContaining(['/authentication not_an_option'])],
    [{ ...VALID, tlsMode: 'none' }, ['/tlsMode not_an_option']],
    [{ ...VALID, username: 'a\nb' }, ['/username control_character']],
    [{ host: 'localhost', authentication: 'none' }, []],
    [{ ...VALID, heloName: 'crm.example.com' }, []],
    [{ ...VALID, heloName: 'not a name' }, ['/heloName invalid']],
    [{ ...VALID, caCertificate: 'not a certificate' }, ['/caCertificate invalid']],
    [
      { ...VALID, caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      ['/caCertificate invalid'],
    ],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  it('accept one or more CA certificates, and no key with them', async () => {
    const authority = await TestAuthority.create();
    const { key } = await authority.issue();
    expect(faults({ ...VALID, caCertificate: authority.cert })).toEqual([]);
    expect(faults({ ...VALID, caCertificate: `${authority.cert}\n${authority.cert}\n` })).toEqual([]);
    expect(faults({ ...VALID, caCertificate: `${authority.cert}\n${key}` })).toEqual(['/caCertificate invalid']);
  });

  it('bind the password to everything that decides where it is sent', () => {
    const fields = describeFields(SmtpSettings);
    const named = (wanted: 'bindsSecret' | 'advanced') =>
      fields.filter((field) => field[wanted] === true).map(({ name }) => name);
    expect(named('bindsSecret')).toEqual([
      'host',
      'port',
      'secure',
      'authentication',
      'username',
      'tlsMode',
      'caCertificate',
    ]);
    expect(named('advanced')).toEqual(['tlsMode', 'heloName', 'caCertificate']);
    expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(['host', 'username', 'password']);
    expect(fields.every(({ label, help, group }) => label !== '' && help !== undefined && group !== undefined)).toBe(
      true,
    );
  });
});

describe('the preset of Google’s relay', () => {
  it('states in advance that the HELO name must be set', () => {
    const relay = SMTP_PRESETS.find(({ key }) => key === 'googleworkspacerelay');
    expect(relay).toMatchObject({ settings: { host: 'smtp-relay.gmail.com' }, needs: ['heloName'] });
    expect(relay?.note).toMatch(/^Set the HELO name/);
    const help = describeFields(SmtpSettings).find(({ name }) => name === 'heloName')?.help;
    expect(help).toContain('Google’s relay');
  });
});

describe('the presets', () => {
  it('encrypt, except for the local one', () => {
    const unencrypted = SMTP_PRESETS.filter(({ settings }) => settings['secure'] !== true);
    expect(unencrypted.map(({ key }) => key)).toEqual(['local']);
  });
});

import { adapterIdentity, describeFields, OutboundConnector, validateInput } from '@score-crm/adapter-kit';
import { SMTP_PRESETS, SmtpAdapter, SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { loopbackAdapter } from './support.ts';

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
    [{}, ['/host required', '/username required', '/password required']],
    [{ ...VALID, host: 'smtp://example.com' }, ['/host invalid']],
    [{ ...VALID, host: 'a.example\r\nQUIT' }, ['/host control_character']],
    [{ ...VALID, port: 0 }, ['/port out_of_range']],
    [{ ...VALID, port: 65_536 }, ['/port out_of_range']],
    [{ ...VALID, port: '587' }, ['/port wrong_type']],
    [{ ...VALID, secure: 'yes' }, ['/secure wrong_type']],
    [{ ...VALID, authentication: 'oauth2' }, expect.arrayContaining(['/authentication not_an_option'])],
    [{ ...VALID, tlsMode: 'none' }, ['/tlsMode not_an_option']],
    [{ ...VALID, username: '' }, ['/username required']],
    [{ ...VALID, username: 'a\nb' }, ['/username control_character']],
    [{ ...VALID, authentication: 'none' }, ['/username not_applicable', '/password not_applicable']],
    [{ host: 'localhost', authentication: 'none' }, []],
    [{ ...VALID, heloName: 'crm.example.com' }, []],
    [{ ...VALID, heloName: 'not a name' }, ['/heloName invalid']],
    [{ ...VALID, caCertificate: 'not a certificate' }, ['/caCertificate invalid']],
    [
      { ...VALID, caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      ['/caCertificate invalid'],
    ],
    [{ ...VALID, ignoreCertificate: true }, ['/ignoreCertificate unknown_field']],
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
    const named = (wanted: 'secret' | 'bindsSecret' | 'advanced') =>
      fields.filter((field) => field[wanted] === true).map(({ name }) => name);
    expect(named('secret')).toEqual(['password']);
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
  it.each(SMTP_PRESETS.map((preset) => [preset.key, preset] as const))('%s is valid', (_key, { settings, note }) => {
    const login = settings['authentication'] === 'none' ? {} : { username: 'user', password: 'password' };
    expect(faults({ ...login, ...settings })).toEqual([]);
    expect(note).toMatch(/\.$/);
  });

  it('have unique keys', () => {
    expect(new Set(SMTP_PRESETS.map(({ key }) => key)).size).toBe(SMTP_PRESETS.length);
  });

  it('encrypt, except for the local one, and contain no secret', () => {
    const unencrypted = SMTP_PRESETS.filter(({ settings }) => settings['secure'] !== true);
    expect(unencrypted.map(({ key }) => key)).toEqual(['local']);
    expect(SMTP_PRESETS.some(({ settings }) => 'password' in settings)).toBe(false);
  });
});

describe('the adapter', () => {
  it('declares its identity and capabilities', () => {
    expect(adapterIdentity(SmtpAdapter)).toEqual({ vendor: 'smtp', displayName: 'Generic SMTP' });
    expect(loopbackAdapter().capabilities).toMatchObject({
      webhooks: 'none',
      tags: false,
      metadata: false,
      scheduling: false,
    });
  });

  it('can be injected', () => {
    expect(Reflect.getMetadata('design:paramtypes', SmtpAdapter)).toEqual([OutboundConnector]);
  });
});

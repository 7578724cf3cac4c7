import { IsApiKey, SettingsField, validateInput } from '@score-crm/adapter-kit';

class Settings {
  @SettingsField({ label: 'API key', secret: true })
  @IsApiKey()
  apiKey!: string;

  @SettingsField({ label: 'Signing key', secret: true })
  @IsApiKey({ optional: true })
  signingKey?: string;
}

describe('@IsApiKey', () => {
  it.each([
    { apiKey: 'a' },
    { apiKey: `!${'x'.repeat(510)}~` },
    { apiKey: 'a', signingKey: 'b' },
    { apiKey: 'a', signingKey: '' },
  ])('accepts %j', (settings) => {
    expect(validateInput(Settings, settings)).toMatchObject({ ok: true });
  });

  it.each([
    [{}, '/apiKey required'],
    [{ apiKey: '' }, '/apiKey required'],
    [{ apiKey: 'x'.repeat(513) }, '/apiKey too_long'],
    [{ apiKey: 'two words' }, '/apiKey invalid'],
    [{ apiKey: 'schlüssel' }, '/apiKey invalid'],
    [{ apiKey: 'a', signingKey: 'two words' }, '/signingKey invalid'],
  ])('rejects %j', (settings, expected) => {
    const result = validateInput(Settings, settings);
    const found = result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
    expect(found).toEqual([expected]);
  });
});

import {
  AdapterError,
  type AdapterErrorDetails,
  credentialWarnings,
  runDiagnosis,
  SettingsField,
  withCredentialHint,
} from '../src/index.ts';

class Settings {
  @SettingsField({ label: 'Username' })
  username?: string;

  @SettingsField({ label: 'API key', secret: true })
  apiKey?: string;

  @SettingsField({ label: 'Certificate', multiline: true })
  certificate?: string;

  @SettingsField({ label: 'Port' })
  port: number = 587;
}

const REJECTED: AdapterErrorDetails = {
  stage: 'authenticate',
  code: 'authentication_failed',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor rejected the key. Enter another one.',
};

function settings(values: Partial<Settings>): Settings {
  return Object.assign(new Settings(), values);
}

describe('credentialWarnings', () => {
  it.each([
    ['a space before', ' key'],
    ['a space after', 'key '],
    ['a line break after', 'key\n'],
    ['a non-breaking space', '\u00a0key'],
    ['a zero-width space', 'ke\u200by'],
    ['a byte order mark inside', 'k\ufeffey'],
    ['a line break inside', 'k\ney'],
    ['quotation marks', '"key"'],
    ['typographic quotation marks', '“key”'],
    ['a scheme', 'Bearer key'],
    ['a lowercase scheme', 'bearer key'],
  ])('warns about %s, in names and in secrets', (_what, value) => {
    for (const [field, label] of [
      ['username', '“Username”'],
      ['apiKey', '“API key”'],
    ] as const) {
      const warnings = credentialWarnings(settings({ [field]: value }));
      expect(warnings).toEqual([
        {
          code: 'suspicious_credential',
          hint: expect.stringContaining(label) as string,
          pointer: `/settings/${field}`,
        },
      ]);
    }
  });

  it.each(['key', 'two words', 'a"b', '"', "it's", 'bearer-of-news', 'pässwörd', ''])('accepts %j', (value) => {
    expect(credentialWarnings(settings({ username: value, apiKey: value }))).toEqual([]);
  });

  it('never repeats a value, and ignores numbers and multiline texts', () => {
    const warnings = credentialWarnings(settings({ apiKey: ' hunter2 ', certificate: '-----BEGIN-----\nx\n' }));
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });
});

describe('withCredentialHint', () => {
  it('names the suspicious field after a failed login', () => {
    const { hint } = withCredentialHint(REJECTED, settings({ apiKey: 'key\n' }));
    expect(hint).toBe(
      'The vendor rejected the key. “API key” starts or ends with a space. Remove the space unless it belongs there.',
    );
  });

  it('changes no other failure, and none without a suspicious field', () => {
    const full = { ...REJECTED, code: 'quota_exceeded' } as const;
    expect(withCredentialHint(full, settings({ apiKey: ' key' }))).toBe(full);
    expect(withCredentialHint(REJECTED, settings({ apiKey: 'key' }))).toBe(REJECTED);
  });
});

describe('the test of an API vendor', () => {
  it('warns whether it passes or fails, and repeats the warning in the hint of a failed login', async () => {
    const pasted = settings({ apiKey: '"key"' });
    const passed = await runDiagnosis(pasted, {}, () => Promise.resolve(undefined));
    expect(passed).toMatchObject({ ok: true, warnings: [{ pointer: '/settings/apiKey' }] });
    const failed = await runDiagnosis(pasted, {}, () => Promise.reject(new AdapterError(REJECTED)));
    expect(failed).toMatchObject({ ok: false, warnings: [{ code: 'suspicious_credential' }] });
    expect(failed.error?.hint).toContain('“API key” is in quotation marks');
  });
});

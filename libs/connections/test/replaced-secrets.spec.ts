import { SettingsField } from '@score-crm/adapter-kit';
import { describe, expect, it } from '@jest/globals';
import { keepReplaced, replacedSecrets, withoutReplaced } from '../src/secrets/secret-cipher.ts';

class Settings {
  @SettingsField({ label: 'API key', secret: true })
  apiKey!: string;

  @SettingsField({ label: 'Signing key', secret: true, inboundOnly: true })
  signingKey?: string;
}

const HOUR = 3_600_000;
const NOW = new Date('2026-01-01T00:00:00Z');
const later = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR);
const before = { apiKey: 'a1', signingKey: 's1' };

describe('a replaced secret', () => {
  it('counts for 72 hours if it only checks what comes in', () => {
    const encrypted = keepReplaced(Settings, before, { apiKey: 'a2', signingKey: 's2' }, NOW);
    expect(withoutReplaced(encrypted)).toEqual({ apiKey: 'a2', signingKey: 's2' });
    expect(replacedSecrets(encrypted, later(71))).toEqual({ signingKey: 's1' });
    expect(replacedSecrets(encrypted, later(72))).toEqual({});
  });

  it('outlives changes of other secrets, until its own end', () => {
    const encrypted = keepReplaced(Settings, before, { apiKey: 'a1', signingKey: 's2' }, NOW);
    const again = keepReplaced(Settings, encrypted, { apiKey: 'a2', signingKey: 's2' }, later(70));
    expect(replacedSecrets(again, later(71))).toEqual({ signingKey: 's1' });
    expect(replacedSecrets(again, later(73))).toEqual({});
    expect(keepReplaced(Settings, again, { apiKey: 'a3', signingKey: 's2' }, later(73))).toEqual({
      apiKey: 'a3',
      signingKey: 's2',
    });
  });

  it('counts no longer once the field is cleared', () => {
    const encrypted = keepReplaced(Settings, before, { apiKey: 'a1', signingKey: 's2' }, NOW);
    expect(keepReplaced(Settings, encrypted, { apiKey: 'a1' }, NOW)).toEqual({ apiKey: 'a1' });
  });

  it('is none where the same value was given again', () => {
    expect(keepReplaced(Settings, before, { ...before }, NOW)).toEqual(before);
  });
});

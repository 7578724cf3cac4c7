import { type DeclaredField, declaredFields, isShown } from '@score-crm/adapter-kit';
import type { Type } from '@nestjs/common';
import type { Secrets } from '../secrets/secret-cipher.ts';
import type { SecretInfo } from './connection-row.ts';

export type PlainSettings = Readonly<Record<string, string | number | boolean>>;

export interface StoredSettings {
  readonly settings: PlainSettings;
  readonly secrets: Secrets;
}

/**
 * What stored settings mean today. The adapter may be a newer one than when they were stored: a field that it got has its
 * default, one that it lost is gone, and so is one that no longer applies.
 */
export function currentSettings(type: Type<object>, stored: StoredSettings): PlainSettings {
  return applicable(declaredFields(type), { ...new type(), ...declaredValues(type, stored) }) as PlainSettings;
}

/** The stored values of fields that there are. */
export function declaredValues(type: Type<object>, stored: StoredSettings): PlainSettings {
  const names = new Set(declaredFields(type).map((field) => field.name));
  const all = Object.entries({ ...stored.settings, ...stored.secrets });
  return Object.fromEntries(all.filter(([name]) => names.has(name)));
}

/** The values of fields whose `showIf` holds. Removing a field may hide others, so this is repeated until nothing changes. */
export function applicable(
  fields: readonly DeclaredField[],
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const shown = { ...values };
  for (let before = -1; before !== Object.keys(shown).length;) {
    before = Object.keys(shown).length;
    for (const field of fields) if (!isShown(field, shown)) delete shown[field.name];
  }
  return shown;
}

const HINT_LENGTH = 4;
/** Of a shorter secret, four characters would give too much away. */
const MIN_LENGTH_FOR_HINT = 16;
const MASK = /^[*•●∙·▪…]+.{0,4}$/su;

/** The end of a secret, by which users recognize it; null for a short one. */
export function secretHint(secret: string): string | null {
  // Whole characters: half of one is no text, and databases refuse it.
  const characters = Array.from(secret);
  return characters.length < MIN_LENGTH_FOR_HINT ? null : characters.slice(-HINT_LENGTH).join('');
}

/** Whether it is what a form shows instead of a secret: mask characters, perhaps with a hint at the end. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && (MASK.test(value.trim()) || /^x{8,}$/i.test(value.trim()));
}

/** What is known of each secret; one that did not change keeps its date. */
export function describeSecrets(
  secrets: Secrets,
  changed: readonly string[],
  before: Readonly<Record<string, SecretInfo>>,
  now: Date,
): Record<string, SecretInfo> {
  const entries = Object.entries(secrets).map(([name, secret]) => {
    const known = changed.includes(name) ? undefined : before[name];
    return [name, known ?? { hint: secretHint(secret), updatedAt: now.toISOString() }] as const;
  });
  return Object.fromEntries(entries);
}

import type { Type } from '@nestjs/common';
import { type DeclaredField, declaredFields, isShown } from '@score-crm/adapter-kit';
import type { Secrets } from '../secrets/secret-cipher.ts';

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

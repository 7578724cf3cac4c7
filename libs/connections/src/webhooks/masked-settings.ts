import type { Type } from '@nestjs/common';
import { declaredFields } from '@score-crm/adapter-kit';
import { currentSettings } from '../connections/stored-settings.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';

// Stands in a URL as it is.
const MASK = '********';

/** The settings with a mask instead of each secret that is set, without decrypting anything. */
export function maskedSettings(type: Type<object>, row: ConnectionRow): object {
  const secrets = Object.fromEntries(Object.keys(row.secretInfo).map((name) => [name, MASK]));
  const known = new Set(declaredFields(type).map(({ name }) => name));
  const values = currentSettings(type, { settings: row.settings, secrets });
  return Object.assign(
    new type(),
    Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name))),
  ) as object;
}

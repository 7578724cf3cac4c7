import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import {
  type DeclaredField,
  declaredFields,
  type EmailAdapter,
  type FieldError,
  jsonPointer,
  validateSettings,
} from '@score-crm/adapter-kit';
import { isMask } from './secret-hint.ts';
import {
  applicable,
  currentSettings,
  declaredValues,
  type PlainSettings,
  type StoredSettings,
} from './stored-settings.ts';

export interface ChangedSettings extends StoredSettings {
  /** An instance of the adapter's settings class, secrets and all. */
  readonly instance: object;
  /** Names of the fields that are not as they were; a secret given anew is one. */
  readonly changed: readonly string[];
  /** Whether a field changed that sending depends on, and not only one that checks what comes in. */
  readonly affectsSending: boolean;
}

type Input = Readonly<Record<string, unknown>>;

const GENERATED_BYTES = 32;

/**
 * Applies what a caller gave to what is stored (nothing, for a new connection): absent fields stay, null clears, and a
 * stored field that no longer applies goes. A `generated` secret that is left without a value gets one. Pointers of the errors are relative to the settings.
 */
export function changeSettings(
  adapter: Pick<EmailAdapter, 'settings' | 'checkSettings'>,
  stored: StoredSettings | undefined,
  given: unknown,
): ChangedSettings | readonly FieldError[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return [{ pointer: '', code: 'wrong_type', message: 'The settings must be a JSON object of the vendor’s fields.' }];
  }
  const type = adapter.settings;
  const fields = declaredFields(type);
  const input: Input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const masks = fields.filter((field) => field.secret === true && isMask(input[field.name])).map(maskGiven);
  if (masks.length > 0) return masks;

  const result = validateSettings(type, withGenerated(type, merge(type, stored, input)));
  if (!result.ok) return result.errors;
  const values = result.value as PlainSettings;
  const before = stored === undefined ? {} : currentSettings(type, stored);
  const changed = fields.filter((field) => {
    return values[field.name] !== before[field.name] || (field.secret === true && isGiven(input, field));
  });
  // What was stored under other rules may stay until it is changed.
  const refused = (adapter.checkSettings?.(result.value) ?? []).filter(({ pointer }) =>
    changed.some((field) => pointer === jsonPointer(field.name)),
  );
  if (refused.length > 0) return refused;
  const lent = fields.filter((field) => isSent(field) && values[field.name] !== undefined && !isGiven(input, field));
  const moved = changed.find((field) => field.bindsSecret === true);
  if (stored !== undefined && moved !== undefined && lent.length > 0) {
    return lent.map((secret) => secretRequired(secret, moved));
  }
  return {
    ...split(fields, values),
    instance: result.value,
    changed: changed.map((field) => field.name),
    affectsSending: changed.some((field) => field.inboundOnly !== true),
  };
}

/** Whether it is a secret that goes out. */
function isSent(field: DeclaredField): boolean {
  return field.secret === true && field.inboundOnly !== true;
}

function isGiven(input: Input, field: DeclaredField): boolean {
  return input[field.name] !== undefined && input[field.name] !== null;
}

/** What is given, and of what is stored that which it leaves in place. */
function merge(type: Type<object>, stored: StoredSettings | undefined, input: Input): Input {
  if (stored === undefined) return input;
  const kept = Object.entries(declaredValues(type, stored)).filter(([name]) => !Object.hasOwn(input, name));
  const given = Object.entries(input).filter(([, value]) => value !== null);
  const shown = applicable(declaredFields(type), { ...new type(), ...Object.fromEntries([...kept, ...given]) });
  return { ...Object.fromEntries(kept.filter(([name]) => Object.hasOwn(shown, name))), ...input };
}

/** What is left out, or cleared, and need not be thought up by a person is made here. */
function withGenerated(type: Type<object>, input: Input): Input {
  const fields = declaredFields(type);
  const made = fields
    .filter((field) => field.generated === true && !isGiven(input, field))
    .map((field) => [field.name, randomBytes(GENERATED_BYTES).toString('base64url')] as const);
  const shown = applicable(fields, { ...new type(), ...input, ...Object.fromEntries(made) });
  return { ...input, ...Object.fromEntries(made.filter(([name]) => Object.hasOwn(shown, name))) };
}

function split(fields: readonly DeclaredField[], values: PlainSettings): StoredSettings {
  const settings: Record<string, string | number | boolean> = {};
  const secrets: Record<string, string> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.secret === true) secrets[field.name] = String(value);
    else settings[field.name] = value;
  }
  return { settings, secrets };
}

function maskGiven(field: DeclaredField): FieldError {
  const message = `${field.label} is a mask, not a secret. Leave it out to keep the stored one, or enter a new one.`;
  return { pointer: jsonPointer(field.name), code: 'secret_masked', message };
}

function secretRequired(secret: DeclaredField, moved: DeclaredField): FieldError {
  const message = `${moved.label} decides where ${secret.label} is sent, and it changed. Enter ${secret.label} again.`;
  return { pointer: jsonPointer(secret.name), code: 'secret_required', message };
}

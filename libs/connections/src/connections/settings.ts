import { randomBytes } from 'node:crypto';
import {
  type DeclaredField,
  type EmailAdapter,
  type FieldError,
  jsonPointer,
  validateInput,
} from '@score-crm/adapter-kit';
import { Injectable, type Type } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import {
  keepReplaced,
  SecretCipher,
  type Secrets,
  SecretsUnreadableError,
  withoutReplaced,
} from '../secrets/secret-cipher.ts';
import {
  applicable,
  currentSettings,
  declaredValues,
  type PlainSettings,
  settingsFields,
  type StoredSettings,
} from './connection-loader.ts';
import type { ConnectionRow, SecretInfo } from './connection-row.ts';

export interface ChangedSettings extends StoredSettings {
  /** An instance of the adapter's settings class, secrets and all. */
  readonly instance: object;
  /** Names of the fields that are not as they were; a secret that was entered again is one. */
  readonly changed: readonly string[];
  /** Whether a field changed that sending depends on, and not only one that checks what comes in. */
  readonly affectsSending: boolean;
}

type Input = Readonly<Record<string, unknown>>;

const GENERATED_BYTES = 32;

/** Changes the settings and secrets of stored connections. */
@Injectable()
export class SettingsChanges {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly cipher: SecretCipher,
  ) {}

  /** `changeSettings` for a stored connection. The row stays as it is. @throws UnknownVendorError, SecretsUnreadableError */
  async prepare(row: ConnectionRow, given: Input): Promise<ChangedSettings | readonly FieldError[]> {
    const { adapter } = this.registry.get(row.vendor);
    const names = Object.keys(row.secretInfo);
    // If every stored secret is replaced or cleared, the old ones need not be decrypted: the way out after a lost key.
    const replaced = names.every((name) => Object.hasOwn(given, name) && given[name] !== undefined);
    const secrets = replaced
      ? Object.fromEntries(names.map((name) => [name, '']))
      : withoutReplaced(await this.cipher.decryptRow(row));
    return changeSettings(adapter, { settings: row.settings, secrets }, given);
  }

  /** Writes changed settings into the row, with the secrets encrypted. */
  async apply(row: ConnectionRow, changed: ChangedSettings, now: Date): Promise<void> {
    row.settings = changed.settings;
    row.secretInfo = describeSecrets(changed.secrets, changed.changed, row.secretInfo, now);
    const encrypted =
      Object.keys(changed.secrets).length === 0
        ? { secrets: null, keyId: null }
        : await this.cipher.encrypt(await this.withReplaced(row, changed.secrets, now), row);
    Object.assign(row, encrypted);
  }

  private async withReplaced(row: ConnectionRow, secrets: Secrets, now: Date): Promise<Secrets> {
    try {
      const { settings } = this.registry.get(row.vendor).adapter;
      return keepReplaced(settings, await this.cipher.decryptRow(row), secrets, now);
    } catch (error) {
      // The way out after a lost key: what cannot be decrypted cannot be kept.
      if (error instanceof SecretsUnreadableError) return secrets;
      throw error;
    }
  }
}

/**
 * Applies what a caller gave to what is stored (nothing, for a new connection): absent fields keep their value, null
 * clears, and a stored field that no longer applies is removed. A `generated` secret without a value gets one.
 * @returns every error that can be found without another one being corrected first. Pointers are relative to the settings.
 */
export function changeSettings(
  adapter: Pick<EmailAdapter, 'settings' | 'checkSettings'>,
  stored: StoredSettings | undefined,
  given: Input,
): ChangedSettings | readonly FieldError[] {
  const type = adapter.settings;
  const { fields } = settingsFields(type);
  const isMasked = (field: DeclaredField): boolean => field.secret === true && isMask(given[field.name]);
  const errors = fields.filter(isMasked).map(maskGiven);
  const masked = new Set(fields.filter(isMasked).map((field) => field.name));
  const input: Input = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && !masked.has(name)),
  );

  const result = validateInput(type, withGenerated(type, merge(type, stored, input)));
  const values = (result.ok ? result.value : result.valid) as PlainSettings;
  // Each field has one error.
  const report = (more: readonly FieldError[]): void => {
    errors.push(...more.filter(({ pointer }) => !errors.some((known) => known.pointer === pointer)));
  };
  if (!result.ok) report(result.errors);
  const before = stored === undefined ? {} : currentSettings(type, stored);
  const invalid = new Set(errors.map(({ pointer }) => pointer));
  const changed = fields.filter((field) => {
    if (invalid.has(jsonPointer(field.name))) return false;
    return values[field.name] !== before[field.name] || (field.secret === true && isGiven(input, field));
  });
  // What was stored under other rules may stay until it is changed.
  report(
    (adapter.checkSettings?.(values) ?? []).filter(({ pointer }) =>
      changed.some((field) => pointer === jsonPointer(field.name)),
    ),
  );
  const lent = fields.filter((field) => isSent(field) && values[field.name] !== undefined && !isGiven(input, field));
  const moved = changed.find((field) => field.bindsSecret === true);
  if (stored !== undefined && moved !== undefined) report(lent.map((secret) => secretRequired(secret, moved)));
  if (!result.ok || errors.length > 0) return errors;
  return {
    ...split(fields, values),
    instance: result.value,
    changed: changed.map((field) => field.name),
    affectsSending: changed.some((field) => field.inboundOnly !== true),
  };
}

/** Whether it is a secret that is sent to the vendor. */
function isSent(field: DeclaredField): boolean {
  return field.secret === true && field.inboundOnly !== true;
}

function isGiven(input: Input, field: DeclaredField): boolean {
  return input[field.name] !== undefined && input[field.name] !== null;
}

/** What is given, and those stored values that it does not replace. */
function merge(type: Type<object>, stored: StoredSettings | undefined, input: Input): Input {
  if (stored === undefined) return input;
  const kept = Object.entries(declaredValues(type, stored)).filter(([name]) => !Object.hasOwn(input, name));
  const given = Object.entries(input).filter(([, value]) => value !== null);
  const shown = applicable(type, { ...new type(), ...Object.fromEntries([...kept, ...given]) });
  return { ...Object.fromEntries(kept.filter(([name]) => Object.hasOwn(shown, name))), ...input };
}

/** Creates the `generated` secrets that are absent or cleared. */
function withGenerated(type: Type<object>, input: Input): Input {
  const { fields } = settingsFields(type);
  const made = fields
    .filter((field) => field.generated === true && !isGiven(input, field))
    .map((field) => [field.name, randomBytes(GENERATED_BYTES).toString('base64url')] as const);
  const shown = applicable(type, { ...new type(), ...input, ...Object.fromEntries(made) });
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
  const message = `${field.label} is a mask, not a secret. Omit it to keep the stored value, or enter a new one.`;
  return { pointer: jsonPointer(field.name), code: 'secret_masked', message };
}

function secretRequired(secret: DeclaredField, moved: DeclaredField): FieldError {
  const message = `${moved.label} decides where ${secret.label} is sent, and it changed. Enter ${secret.label} again.`;
  return { pointer: jsonPointer(secret.name), code: 'secret_required', message };
}

const HINT_LENGTH = 4;
/** Four characters of a shorter secret would disclose too much. */
const MIN_LENGTH_FOR_HINT = 16;
const MASK = /^[*•●∙·▪…]+.{0,4}$/su;

/** The end of a secret, by which users recognize it; null for a short one. */
function secretHint(secret: string): string | null {
  // Whole characters: half of one is no text, and databases refuse it.
  const characters = Array.from(secret);
  return characters.length < MIN_LENGTH_FOR_HINT ? null : characters.slice(-HINT_LENGTH).join('');
}

/** Whether it is what a form shows instead of a secret: mask characters, perhaps with a hint at the end. */
function isMask(value: unknown): boolean {
  return typeof value === 'string' && (MASK.test(value.trim()) || /^x{8,}$/i.test(value.trim()));
}

/** What is known of each secret; one that did not change keeps its date. */
function describeSecrets(
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

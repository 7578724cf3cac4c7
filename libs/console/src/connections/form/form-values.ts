import { LIMITS } from '../../api/rules.ts';
import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { entriesIn } from '../../api/validation.ts';
import { type FormLimits, initialLimits } from './limits.ts';

export type FieldValue = string | number | boolean;

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly VendorField[];
}

/** The path of a field's value in the form. */
export function pathOf({ name, secret }: VendorField): string {
  return secret ? `secrets.${name}` : `settings.${name}`;
}

/** The value of a field that the user left empty. */
export function defaultOf({ schema }: VendorField): FieldValue | undefined {
  return isValue(schema['default']) ? schema['default'] : undefined;
}

/** The value that a field starts with. */
export function blankOf(field: VendorField): FieldValue {
  return defaultOf(field) ?? (field.type === 'boolean' ? false : '');
}

export function isValue(value: unknown): value is FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Fields by their headings, in the order of the first field of each. */
export function grouped(fields: readonly VendorField[]): readonly FieldGroup[] {
  const groups = new Map<string, VendorField[]>();
  for (const field of fields) {
    const title = field.group ?? 'Settings';
    groups.set(title, [...(groups.get(title) ?? []), field]);
  }
  return Array.from(groups, ([title, members]) => ({ title, fields: members }));
}

/** A label within a sentence: `Host` becomes host, `API key` stays. */
export function inSentence(label: string): string {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/** What happens to a secret. `keep` is the state before the user changes it. */
export interface SecretEdit {
  readonly mode: 'keep' | 'replace' | 'remove';
  /** What was typed; never filled in from the service. */
  readonly value: string;
}

/** A sender as it is typed. */
export interface FormSender {
  readonly email: string;
  readonly name: string;
  readonly replyTo: string;
}

export interface FormValues {
  readonly name: string;
  readonly fromEmail: string;
  readonly fromName: string;
  /** Of the default sender. */
  readonly replyTo: string;
  /** Besides the default one. */
  readonly senders: readonly FormSender[];
  /** Domains, separated by commas or spaces. */
  readonly allowedSenderDomains: string;
  readonly checkSuppressions: boolean;
  /** What happens to emails; a later version of the service may have other modes. */
  readonly mode: string;
  /** The address of the mode `redirect`. */
  readonly redirectTo: string;
  readonly limits: FormLimits;
  readonly settings: Readonly<Record<string, FieldValue>>;
  readonly secrets: Readonly<Record<string, SecretEdit>>;
}

export const KEPT: SecretEdit = { mode: 'keep', value: '' };

/** The values that a form starts with: those of the connection, or the defaults of a new one. */
export function initialValues(vendor: Vendor, connection: Connection | undefined): FormValues {
  const fields = vendor.fields;
  const stored = (field: VendorField) => {
    const value = connection?.settings[field.name];
    return isValue(value) ? value : blankOf(field);
  };
  return {
    name: connection?.name ?? '',
    fromEmail: connection?.fromEmail ?? '',
    fromName: connection?.fromName ?? '',
    replyTo: connection?.senders[0]?.replyTo ?? '',
    senders: (connection?.senders.slice(1) ?? []).map(({ email, name = '', replyTo = '' }) => ({
      email,
      name,
      replyTo,
    })),
    allowedSenderDomains: (connection?.allowedSenderDomains ?? []).join(', '),
    checkSuppressions: connection?.checkSuppressions ?? true,
    mode: connection?.mode ?? 'live',
    redirectTo: connection?.redirectTo ?? '',
    limits: initialLimits(connection?.limits ?? null),
    settings: Object.fromEntries(fields.filter(isPlain).map((field) => [field.name, stored(field)])),
    secrets: Object.fromEntries(fields.filter((field) => field.secret).map((field) => [field.name, KEPT])),
  };
}

/** The values of a copy: everything but the secrets, which the service never returns. */
export function copiedValues(vendor: Vendor, template: Connection): FormValues {
  const name = Array.from(`Copy of ${template.name}`).slice(0, LIMITS.nameLength).join('');
  return { ...initialValues(vendor, template), name };
}

/** All senders, the default one first, as the service stores them. */
export function sendersIn({ fromEmail, fromName, replyTo, senders }: FormValues): Connection['senders'] {
  const all = [{ email: fromEmail, name: fromName, replyTo }, ...senders].map((sender) => ({
    email: sender.email.trim(),
    ...(sender.name.trim() === '' ? {} : { name: sender.name.trim() }),
    ...(sender.replyTo.trim() === '' ? {} : { replyTo: sender.replyTo.trim() }),
  }));
  return all[0]?.email === '' ? all.slice(1) : all;
}

/** The allowed sender domains as a list. */
export function domainsIn({ allowedSenderDomains }: FormValues): string[] {
  return entriesIn(allowedSenderDomains);
}

/** Whether two forms of the same vendor have equal values, secrets included. */
export function areSame(one: FormValues, other: FormValues): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The value of a field that is not secret, trimmed; undefined if it is empty. */
export function givenValue(field: VendorField, { settings }: FormValues): FieldValue | undefined {
  const value = settings[field.name];
  const given = typeof value === 'string' && !field.multiline ? value.trim() : value;
  return given === '' ? undefined : given;
}

/** The value that the service will store: the default where the field is empty. */
export function effectiveValue(field: VendorField, values: FormValues): FieldValue | undefined {
  return givenValue(field, values) ?? defaultOf(field);
}

/** The fields that are visible with these values. Hiding a field can hide others, so this repeats until nothing changes. */
export function shownFields(fields: readonly VendorField[], values: FormValues): readonly VendorField[] {
  const found = new Map(fields.filter(isPlain).map((field) => [field.name, effectiveValue(field, values)]));
  let shown = fields;
  for (let before = -1; before !== shown.length;) {
    before = shown.length;
    shown = shown.filter(({ name, showIf }) => {
      const holds = showIf === undefined || showIf.in.includes(found.get(showIf.field) as FieldValue);
      if (!holds) found.delete(name);
      return holds;
    });
  }
  return shown;
}

function isPlain({ secret }: VendorField): boolean {
  return !secret;
}

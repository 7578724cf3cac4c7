import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { blankOf, defaultOf, type FieldValue, isValue } from './fields.ts';

/** What is to become of a secret. `keep` is what there is before anybody touches it. */
export interface SecretEdit {
  readonly mode: 'keep' | 'replace' | 'remove';
  /** What was typed; only ever written. */
  readonly value: string;
}

export interface FormValues {
  readonly name: string;
  readonly fromEmail: string;
  readonly fromName: string;
  /** Domains with commas or blanks between them. */
  readonly allowedSenderDomains: string;
  readonly settings: Readonly<Record<string, FieldValue>>;
  readonly secrets: Readonly<Record<string, SecretEdit>>;
}

export const KEPT: SecretEdit = { mode: 'keep', value: '' };

/** What a form begins with: the connection as it is, or what a new one has by default. */
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
    allowedSenderDomains: (connection?.allowedSenderDomains ?? []).join(', '),
    settings: Object.fromEntries(fields.filter(isPlain).map((field) => [field.name, stored(field)])),
    secrets: Object.fromEntries(fields.filter((field) => field.secret).map((field) => [field.name, KEPT])),
  };
}

/** Whether two forms of the same vendor hold the same, secrets included. */
export function areSame(one: FormValues, other: FormValues): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What somebody gave a field that is no secret, without blanks around it; undefined where he left it empty. */
export function givenValue(field: VendorField, { settings }: FormValues): FieldValue | undefined {
  const value = settings[field.name];
  const given = typeof value === 'string' && !field.multiline ? value.trim() : value;
  return given === '' ? undefined : given;
}

/** What the service will make of it. */
export function effectiveValue(field: VendorField, values: FormValues): FieldValue | undefined {
  return givenValue(field, values) ?? defaultOf(field);
}

/**
 * The fields that there are while the others have these values. A field that goes may take others along, so it goes on
 * until none does.
 */
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

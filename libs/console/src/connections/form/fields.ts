import type { Vendor, VendorField } from '../../api/types.ts';

export type FieldValue = string | number | boolean;

/** A field as the service describes it. */
export interface FormField extends VendorField {
  /** A secret that only checks what comes in: it is sent nowhere, so it stays whatever else changes. */
  readonly inboundOnly?: boolean;
}

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly FormField[];
}

export function fieldsOf(vendor: Vendor): readonly FormField[] {
  return vendor.fields;
}

/** Where the value of a field is kept in the form. */
export function pathOf({ name, secret }: FormField): string {
  return secret ? `secrets.${name}` : `settings.${name}`;
}

/** What a field has where nobody gave it a value. */
export function defaultOf({ schema }: FormField): FieldValue | undefined {
  return isValue(schema['default']) ? schema['default'] : undefined;
}

/** What a field begins with in a form. */
export function blankOf(field: FormField): FieldValue {
  return defaultOf(field) ?? (field.type === 'boolean' ? false : '');
}

export function isValue(value: unknown): value is FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Fields under their headings, in the order in which the first of each comes. */
export function grouped(fields: readonly FormField[]): readonly FieldGroup[] {
  const groups = new Map<string, FormField[]>();
  for (const field of fields) {
    const title = field.group ?? 'Settings';
    groups.set(title, [...(groups.get(title) ?? []), field]);
  }
  return Array.from(groups, ([title, members]) => ({ title, fields: members }));
}

/** A label in the middle of a sentence: `Host` → host; `API key` stays. */
export function inSentence(label: string): string {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

import type { VendorField } from '../../api/types.ts';

export type FieldValue = string | number | boolean;

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly VendorField[];
}

/** Where the value of a field is kept in the form. */
export function pathOf({ name, secret }: VendorField): string {
  return secret ? `secrets.${name}` : `settings.${name}`;
}

/** What a field has where nobody gave it a value. */
export function defaultOf({ schema }: VendorField): FieldValue | undefined {
  return isValue(schema['default']) ? schema['default'] : undefined;
}

/** What a field begins with in a form. */
export function blankOf(field: VendorField): FieldValue {
  return defaultOf(field) ?? (field.type === 'boolean' ? false : '');
}

export function isValue(value: unknown): value is FieldValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Fields under their headings, in the order in which the first of each comes. */
export function grouped(fields: readonly VendorField[]): readonly FieldGroup[] {
  const groups = new Map<string, VendorField[]>();
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

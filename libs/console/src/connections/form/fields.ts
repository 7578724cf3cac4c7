import type { VendorField } from '../../api/types.ts';

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

import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { isValue, pathOf } from './fields.ts';
import type { FormValues } from './form-values.ts';
import { DETAILS } from './place-faults.ts';

export interface Difference {
  readonly path: string;
  readonly label: string;
  /** Its new value, in words. */
  readonly value: string;
}

/** The differences between two versions of a connection. */
export function differences(vendor: Vendor, before: Connection, after: Connection): readonly Difference[] {
  const details = DETAILS.filter(({ path }) => detailInWords(before[path]) !== detailInWords(after[path])).map(
    ({ path, label }) => ({ path, label, value: detailInWords(after[path]) }),
  );
  const fields = vendor.fields
    .filter((field) => {
      const { name, secret } = field;
      return secret
        ? before.secrets[name]?.updatedAt !== after.secrets[name]?.updatedAt
        : before.settings[name] !== after.settings[name];
    })
    .map((field) => ({ path: pathOf(field), label: field.label, value: inWords(field, after) }));
  return [...details, ...fields];
}

/** A name, an address or a list of domains as text. */
export function detailInWords(value: string | readonly string[] | null): string {
  const text = typeof value === 'string' || value === null ? value : value.join(', ');
  return text === null || text === '' ? 'None' : text;
}

/** The value of a field as text; of a secret, whether it is set. */
export function inWords(field: VendorField, { settings, secrets }: Connection): string {
  if (field.secret) return secrets[field.name] === undefined ? 'Not set' : 'Replaced';
  const value = settings[field.name];
  if (!isValue(value) || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  return field.options?.find((option) => option.value === value)?.label ?? String(value);
}

/** The paths of the values that differ. */
export function changedPaths(before: FormValues, after: FormValues): ReadonlySet<string> {
  const details = DETAILS.map(({ path }) => path).filter((path) => before[path] !== after[path]);
  const settings = Object.keys(after.settings).filter((name) => before.settings[name] !== after.settings[name]);
  const secrets = Object.keys(after.secrets).filter((name) => after.secrets[name]?.mode !== 'keep');
  return new Set([
    ...details,
    ...settings.map((name) => `settings.${name}`),
    ...secrets.map((name) => `secrets.${name}`),
  ]);
}

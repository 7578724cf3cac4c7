import { isEmailAddress } from '../../api/email-address.ts';
import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { faultOf, missingFault } from './check-value.ts';
import { inSentence, pathOf } from './fields.ts';
import { type FormValues, givenValue, KEPT, shownFields } from './form-values.ts';
import { type Renewal, renewalOf } from './renewal.ts';

/** What is wrong, by the path of the value in the form. */
export type FormFaults = Readonly<Record<string, string>>;

/** A connection of its own name can be stored; one without can still be tested. */
export type Purpose = 'save' | 'test';

const NAME_LENGTH = 200;

/** The faults of a form, found before anything is sent. */
export function validate(
  vendor: Vendor,
  values: FormValues,
  stored: Connection | undefined,
  purpose: Purpose,
): FormFaults {
  const fields = vendor.fields;
  const renewal = renewalOf(fields, values, stored);
  const faults: Record<string, string> = { ...faultsOfDetails(values, purpose) };
  for (const field of shownFields(fields, values)) {
    const fault = field.secret ? faultOfSecret(field, values, stored, renewal) : faultOfSetting(field, values);
    if (fault !== undefined) faults[pathOf(field)] = fault;
  }
  return faults;
}

function faultsOfDetails({ name, fromEmail, fromName }: FormValues, purpose: Purpose): FormFaults {
  const email = fromEmail.trim();
  return {
    ...(purpose === 'save' && name.trim() === '' ? { name: 'Give the connection a name.' } : {}),
    ...(isLong(name) ? { name: tooLong } : {}),
    ...(email !== '' && !isEmailAddress(email)
      ? { fromEmail: 'Enter a whole address, such as news@example.com, or leave it empty.' }
      : {}),
    ...(isLong(fromName) ? { fromName: tooLong } : {}),
  };
}

const tooLong = `This is too long: it may have ${String(NAME_LENGTH)} characters.`;

function isLong(text: string): boolean {
  return Array.from(text.trim()).length > NAME_LENGTH;
}

function faultOfSetting(field: VendorField, values: FormValues): string | undefined {
  const value = givenValue(field, values);
  if (value === undefined) return field.required ? missingFault(field) : undefined;
  return faultOf(field, value);
}

function faultOfSecret(
  field: VendorField,
  values: FormValues,
  stored: Connection | undefined,
  renewal: Renewal,
): string | undefined {
  const { mode, value } = values.secrets[field.name] ?? KEPT;
  if (mode === 'remove') return undefined;
  if (value !== '') return faultOf(field, value);
  if (renewal.secrets.includes(field)) {
    return `Enter the ${inSentence(field.label)} again: ${changed(renewal)}, which decides where it is sent.`;
  }
  const isStored = stored?.secrets[field.name] !== undefined;
  if (isStored) return mode === 'replace' ? 'Enter the new one, or keep the one that is stored.' : undefined;
  return field.required ? missingFault(field) : undefined;
}

/** What moved the secrets: "Host has changed", "Host and Port have changed". */
export function changed({ moved }: Renewal): string {
  const labels = moved.map(({ label }) => label);
  return `${new Intl.ListFormat('en').format(labels)} ${labels.length === 1 ? 'has' : 'have'} changed`;
}

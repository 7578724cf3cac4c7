import { isEmailAddress } from '../../api/email-address.ts';
import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { type FieldValue, inSentence, pathOf } from './fields.ts';
import { domainsIn, type FormValues, givenValue, KEPT, MAX_NAME_LENGTH, shownFields } from './form-values.ts';
import { type Renewal, renewalOf } from './renewal.ts';

/** Messages by the path of the value in the form. */
export type FormFaults = Readonly<Record<string, string>>;

/** A connection needs a name to be saved; a test does not. */
export type Purpose = 'save' | 'test';

/** The rules that the JSON Schema of a field can contain. */
interface Rules {
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

const FORMATS: Readonly<Record<string, readonly [RegExp, string]>> = {
  hostname: [/^[^\s/:@]+$/, 'Enter a host name only, such as mail.example.com.'],
  uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, 'Enter a complete URL, such as https://example.com.'],
};

/** A domain, or all domains below one. The service checks the rest. */
const DOMAIN = /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+\.?$/u;

/** Everything that is wrong with the form, before it is sent. The service checks it again. */
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

function faultsOfDetails(values: FormValues, purpose: Purpose): FormFaults {
  const { name, fromName } = values;
  const email = values.fromEmail.trim();
  const wrongDomain = domainsIn(values).find((domain) => !DOMAIN.test(domain));
  return {
    ...(purpose === 'save' && name.trim() === '' ? { name: 'Enter a name.' } : {}),
    ...(isLong(name) ? { name: TOO_LONG } : {}),
    ...(email !== '' && !isEmailAddress(email)
      ? { fromEmail: 'Enter a complete address, such as news@example.com, or leave it empty.' }
      : {}),
    ...(isLong(fromName) ? { fromName: TOO_LONG } : {}),
    ...(wrongDomain === undefined
      ? {}
      : { allowedSenderDomains: `“${wrongDomain}” is not a domain. Use example.com or *.example.com.` }),
  };
}

const TOO_LONG = `This is too long. Use at most ${String(MAX_NAME_LENGTH)} characters.`;

function isLong(text: string): boolean {
  return Array.from(text.trim()).length > MAX_NAME_LENGTH;
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
  if (isStored) return mode === 'replace' ? 'Enter the new value, or keep the stored one.' : undefined;
  return field.required ? missingFault(field) : undefined;
}

/** The settings that changed: "Host has changed", "Host and Port have changed". */
export function changed({ moved }: Renewal): string {
  const labels = moved.map(({ label }) => label);
  return `${new Intl.ListFormat('en').format(labels)} ${labels.length === 1 ? 'has' : 'have'} changed`;
}

/** What is wrong with a value that is not empty. */
function faultOf(field: VendorField, value: FieldValue): string | undefined {
  const rules: Rules = field.schema;
  if (rules.enum !== undefined && !rules.enum.includes(value)) return `Choose the ${inSentence(field.label)}.`;
  if (field.type === 'integer') return faultOfNumber(value, rules);
  if (typeof value !== 'string') return undefined;
  return faultOfHost(field, value) ?? faultOfText(value, rules, field.placeholder);
}

function missingFault({ label, options }: VendorField): string {
  return `${options === undefined ? 'Enter' : 'Choose'} the ${inSentence(label)}.`;
}

/** A URL is often pasted where only its host is needed. */
function faultOfHost({ name, schema }: VendorField, value: string): string | undefined {
  if (name !== 'host' && schema['format'] !== 'hostname') return undefined;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0];
  if (scheme !== undefined) return `Remove “${scheme}” and enter the host name only, such as mail.example.com.`;
  return /[\s/@]/.test(value) ? FORMATS['hostname']?.[1] : undefined;
}

function faultOfNumber(value: FieldValue, { minimum, maximum }: Rules): string | undefined {
  const isInside =
    Number.isSafeInteger(value) &&
    (value as number) >= (minimum ?? -Infinity) &&
    (value as number) <= (maximum ?? Infinity);
  if (isInside) return undefined;
  if (minimum !== undefined && maximum !== undefined) {
    return `Enter a whole number from ${String(minimum)} to ${String(maximum)}.`;
  }
  if (minimum !== undefined) return `Enter a whole number of at least ${String(minimum)}.`;
  return maximum === undefined ? 'Enter a whole number.' : `Enter a whole number of at most ${String(maximum)}.`;
}

function faultOfText(text: string, rules: Rules, example: string | undefined): string | undefined {
  // JSON Schema counts characters, not UTF-16 units.
  const length = Array.from(text).length;
  const { minLength, maxLength, pattern, format } = rules;
  if (minLength !== undefined && length < minLength) {
    return `This is too short. Use at least ${String(minLength)} characters; it has ${String(length)}.`;
  }
  if (maxLength !== undefined && length > maxLength) {
    return `This is too long. Use at most ${String(maxLength)} characters; it has ${String(length)}.`;
  }
  if (format === 'email' || format === 'idn-email') {
    return isEmailAddress(text) ? undefined : 'Enter a complete address, such as news@example.com.';
  }
  if (pattern !== undefined && !matches(text, pattern)) {
    return example === undefined ? 'This has the wrong format.' : `This has the wrong format. Example: ${example}.`;
  }
  const [shape, fault] = (format === undefined ? undefined : FORMATS[format]) ?? [];
  return shape?.test(text) === false ? fault : undefined;
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // The service checks patterns that this browser does not support.
    return true;
  }
}

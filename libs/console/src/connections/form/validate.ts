import { LIMITS } from '../../api/rules.ts';
import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { faultOfAddress, faultOfLength } from '../../api/validation.ts';
import {
  domainsIn,
  effectiveValue,
  type FieldValue,
  type FormValues,
  givenValue,
  inSentence,
  KEPT,
  pathOf,
  shownFields,
} from './form-values.ts';

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
  const [name, fromEmail, fromName] = [values.name.trim(), values.fromEmail.trim(), values.fromName.trim()];
  const redirectTo = values.redirectTo.trim();
  const wrongDomain = domainsIn(values).find((domain) => !DOMAIN.test(domain));
  const faults = {
    name: purpose === 'save' && name === '' ? 'Enter a name.' : faultOfLength(name, 0, LIMITS.nameLength),
    fromEmail:
      fromEmail === ''
        ? values.senders.length > 0 || values.replyTo.trim() !== ''
          ? 'Enter the address of the default sender.'
          : undefined
        : faultOfAddress(fromEmail, ', or leave it empty'),
    senders: faultOfSenders(values),
    fromName: faultOfLength(fromName, 0, LIMITS.fromNameLength),
    allowedSenderDomains:
      wrongDomain === undefined ? undefined : `“${wrongDomain}” is not a domain. Use example.com or *.example.com.`,
    redirectTo:
      redirectTo === ''
        ? values.mode === 'redirect'
          ? 'Enter the address that receives all emails.'
          : undefined
        : faultOfAddress(redirectTo),
  };
  return Object.fromEntries(
    Object.entries(faults).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The first fault of a sender, or of the address for replies to the default one. */
function faultOfSenders({ replyTo, senders }: FormValues): string | undefined {
  const ofReplies = (address: string) => (address.trim() === '' ? undefined : faultOfAddress(address.trim()));
  const faults = senders.map((sender) =>
    sender.email.trim() === ''
      ? 'Enter the address of each sender, or remove it.'
      : (faultOfAddress(sender.email.trim()) ??
        ofReplies(sender.replyTo) ??
        faultOfLength(sender.name, 0, LIMITS.fromNameLength)),
  );
  return ofReplies(replyTo) ?? faults.find((fault) => fault !== undefined);
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
  const { minLength = 0, maxLength = Infinity, pattern, format } = rules;
  const wrongLength = faultOfLength(text, minLength, maxLength);
  if (wrongLength !== undefined) return wrongLength;
  if (format === 'email' || format === 'idn-email') return faultOfAddress(text);
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

/** Stored secrets that must be entered again, because a setting changed that decides where they are sent. */
export interface Renewal {
  /** The settings that changed. */
  readonly moved: readonly VendorField[];
  readonly secrets: readonly VendorField[];
}

const NONE: Renewal = { moved: [], secrets: [] };

/** Finds before saving what the service would reject (`secret_required`). */
export function renewalOf(fields: readonly VendorField[], values: FormValues, stored: Connection | undefined): Renewal {
  if (stored === undefined) return NONE;
  const shown = new Set(shownFields(fields, values));
  const moved = fields.filter((field) => {
    if (!field.bindsSecret || field.secret) return false;
    const now = shown.has(field) ? effectiveValue(field, values) : undefined;
    return now !== (stored.settings[field.name] ?? undefined);
  });
  const secrets = fields.filter(({ secret, inboundOnly, name }) => {
    return secret && !inboundOnly && stored.secrets[name] !== undefined;
  });
  const bound = secrets.filter((field) => shown.has(field));
  return moved.length === 0 || bound.length === 0 ? NONE : { moved, secrets: bound };
}

/**
 * A warning about text that is often pasted along with a value; undefined if there is none.
 * @param isTrimmed whether the form removes the spaces around the value, as it does for all fields but secrets
 */
export function pasteNotice(value: string, isTrimmed: boolean): string | undefined {
  if (value !== value.trim()) {
    return isTrimmed ? 'Spaces around it are removed.' : 'It begins or ends with a space.';
  }
  // Web pages and chat programs put zero-width characters into copied text.
  if (/[\p{Cc}\p{Cf}]/u.test(value)) return 'It contains an invisible character.';
  if (/^(["'`]).+\1$|^“.+”$/.test(value)) return 'It is in quotation marks.';
  return /^(bearer|basic)[\s:]/i.test(value) ? 'It starts with “Bearer” or “Basic”: enter only the value.' : undefined;
}

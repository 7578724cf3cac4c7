import { isEmailAddress } from '../../api/email-address.ts';
import type { VendorField } from '../../api/types.ts';
import { type FieldValue, inSentence } from './fields.ts';

/** What the JSON Schema of a field may say. */
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
  hostname: [/^[^\s/:@]+$/, 'Enter a host name alone, such as mail.example.com.'],
  uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, 'Enter a whole URL, such as https://example.com.'],
};

/** What is wrong with a value that somebody gave, as far as the page can tell; the service has the last word. */
export function faultOf(field: VendorField, value: FieldValue): string | undefined {
  const rules: Rules = field.schema;
  if (rules.enum !== undefined && !rules.enum.includes(value)) return `Choose the ${inSentence(field.label)}.`;
  if (field.type === 'integer') return faultOfNumber(value, rules);
  return typeof value === 'string' ? faultOfText(value, rules, field.placeholder) : undefined;
}

/** What is said where a value is needed and there is none. */
export function missingFault({ label, options }: VendorField): string {
  return `${options === undefined ? 'Enter' : 'Choose'} the ${inSentence(label)}.`;
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
  if (minimum !== undefined) return `Enter a whole number of ${String(minimum)} or more.`;
  return maximum === undefined ? 'Enter a whole number.' : `Enter a whole number of ${String(maximum)} or less.`;
}

function faultOfText(text: string, rules: Rules, example: string | undefined): string | undefined {
  // As JSON Schema counts: characters, not the halves that some are made of.
  const length = Array.from(text).length;
  const { minLength, maxLength, pattern, format } = rules;
  if (minLength !== undefined && length < minLength) {
    return `This is too short: it needs at least ${String(minLength)} characters, and has ${String(length)}.`;
  }
  if (maxLength !== undefined && length > maxLength) {
    return `This is too long: it may have ${String(maxLength)} characters, and has ${String(length)}.`;
  }
  if (format === 'email' || format === 'idn-email') {
    return isEmailAddress(text) ? undefined : 'Enter a whole address, such as news@example.com.';
  }
  if (pattern !== undefined && !matches(text, pattern)) {
    return `This does not look as it should${example === undefined ? '. Check it.' : `; it looks like ${example}.`}`;
  }
  const [shape, fault] = (format === undefined ? undefined : FORMATS[format]) ?? [];
  return shape?.test(text) === false ? fault : undefined;
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // A pattern that this browser cannot read: the service checks it.
    return true;
  }
}

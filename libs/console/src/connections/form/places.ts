import { Problem } from '../../api/problem.ts';
import type { Connection, ProblemFault, Vendor, VendorError, VendorField } from '../../api/types.ts';
import { type FormValues, isValue, pathOf } from './form-values.ts';
import { LIMIT_FIELDS, limitsInWords } from './limits.ts';
import type { FormFaults } from './validate.ts';

/** A value of the form and its label. */
export interface Place {
  readonly path: string;
  readonly label: string;
}

/** The fields that connections of every vendor have. */
export const DETAILS = [
  { path: 'name', label: 'Name' },
  { path: 'fromEmail', label: 'From email' },
  { path: 'fromName', label: 'From name' },
  { path: 'senders', label: 'Senders' },
  { path: 'allowedSenderDomains', label: 'Allowed sender domains' },
  { path: 'mode', label: 'Mode' },
  { path: 'redirectTo', label: 'Redirect to' },
  { path: 'checkSuppressions', label: 'Reject suppressed recipients' },
  { path: 'limits', label: 'Sending limits' },
] as const satisfies readonly Place[];

type DetailPath = (typeof DETAILS)[number]['path'];

/** Those that are among the advanced settings. */
const ADVANCED_DETAILS: ReadonlySet<string> = new Set([
  'allowedSenderDomains',
  'checkSuppressions',
  'mode',
  'redirectTo',
  'limits',
]);

/** Whether the field at a path is among the advanced settings, apart from those of the vendor. */
export function isAdvancedDetail(path: string): boolean {
  return ADVANCED_DETAILS.has(path.split('.')[0] ?? '');
}

interface PlacedFaults {
  /** Messages by the path of a visible field. */
  readonly atFields: FormFaults;
  readonly others: readonly ProblemFault[];
}

export function faultsIn(error: Error | null): readonly ProblemFault[] {
  return (error instanceof Problem ? error.body.errors : undefined) ?? [];
}

/** Assigns the errors of the service to the fields of the form. A field shows the first of its messages. */
export function placeFaults(faults: readonly ProblemFault[], shown: readonly VendorField[]): PlacedFaults {
  const atFields: Record<string, string> = {};
  const others: ProblemFault[] = [];
  for (const fault of faults) {
    const path = pathAt(fault.pointer, shown);
    if (path === undefined) others.push(fault);
    else atFields[path] ??= fault.message;
  }
  return { atFields, others };
}

/** The field that a vendor's error is about, if it says so: the sender or a setting. */
export function placeAtFault(error: VendorError | undefined, shown: readonly VendorField[]): Place | undefined {
  const [first = '', second] = partsOf(error?.pointer ?? '');
  if (first === 'from') return DETAILS.find(({ path }) => path === (second === 'name' ? 'fromName' : 'fromEmail'));
  const field = shown.find(({ name }) => name === (first === 'settings' ? second : first));
  return field === undefined ? undefined : placeOf(field);
}

export function placeOf(field: VendorField): Place {
  return { path: pathOf(field), label: field.label };
}

function pathAt(pointer: string, shown: readonly VendorField[]): string | undefined {
  const [first = '', second] = partsOf(pointer);
  // The message says which recipient or sender it is.
  if (first === 'to') return 'to';
  if (first === 'limits') return LIMIT_FIELDS.find(({ name }) => name === partsOf(pointer).at(-1))?.path;
  if (first !== 'settings') return DETAILS.find(({ path }) => path === first)?.path;
  const field = shown.find(({ name }) => name === second);
  return field === undefined ? undefined : pathOf(field);
}

/** The parts of a JSON pointer (RFC 6901). */
function partsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

interface Difference {
  readonly path: string;
  readonly label: string;
  /** Its new value, in words. */
  readonly value: string;
}

/** The differences between two versions of a connection. */
export function differences(vendor: Vendor, before: Connection, after: Connection): readonly Difference[] {
  const details = DETAILS.filter(({ path }) => detailInWords(before, path) !== detailInWords(after, path)).map(
    ({ path, label }) => ({ path, label, value: detailInWords(after, path) }),
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

/** A name, an address, a list of domains, a switch or limits as text. */
function detailInWords(connection: Connection, path: DetailPath): string {
  if (path === 'limits') return limitsInWords(connection.limits);
  const value = path === 'senders' ? otherSenders(connection) : connection[path];
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  const text = typeof value === 'string' || value === null ? value : value.join(', ');
  return text === null || text === '' ? 'None' : text;
}

/** What From email and From name leave out of the senders. */
function otherSenders({ senders: [first, ...others] }: Connection): readonly string[] {
  const senderInWords = ({ email, replyTo }: Connection['senders'][number]) =>
    replyTo === undefined ? email : `${email} (replies to ${replyTo})`;
  return [...(first?.replyTo === undefined ? [] : [senderInWords(first)]), ...others.map(senderInWords)];
}

/** The value of a field as text; of a secret, whether it is set. */
export function inWords(field: VendorField, { settings, secrets }: Connection): string {
  if (field.secret) return secrets[field.name] === undefined ? 'Not set' : 'Replaced';
  const value = settings[field.name];
  if (!isValue(value) || value === '') return 'None';
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  return field.options?.find((option) => option.value === value)?.label ?? String(value);
}

/** Lists are compared by their content. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The paths of the values that differ. */
export function changedPaths(before: FormValues, after: FormValues): ReadonlySet<string> {
  const details = DETAILS.map(({ path }) => path).filter((path) => !isSame(before[path], after[path]));
  const settings = Object.keys(after.settings).filter((name) => before.settings[name] !== after.settings[name]);
  const secrets = Object.keys(after.secrets).filter((name) => after.secrets[name]?.mode !== 'keep');
  return new Set([
    ...details,
    ...settings.map((name) => `settings.${name}`),
    ...secrets.map((name) => `secrets.${name}`),
  ]);
}

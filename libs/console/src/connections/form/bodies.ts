import type {
  Connection,
  ConnectionChanges,
  NewConnection,
  UnsavedTest,
  Vendor,
  VendorField,
} from '../../api/types.ts';
import {
  defaultOf,
  domainsIn,
  effectiveValue,
  type FieldValue,
  type FormValues,
  givenValue,
  KEPT,
  sendersIn,
  shownFields,
} from './form-values.ts';
import { initialLimits, limitsIn } from './limits.ts';

/** The body that creates a connection. Hidden fields are not sent. */
export function newConnection(vendor: Vendor, values: FormValues): NewConnection {
  const body = {
    vendor: vendor.vendor,
    name: values.name.trim(),
    ...givenSender(values),
    settings: given(vendor, values),
  };
  return body as NewConnection;
}

/** The body that updates a connection: unchanged fields are omitted, cleared ones are null. */
export function changesOf(vendor: Vendor, values: FormValues, stored: Connection): ConnectionChanges {
  const name = values.name.trim();
  const fromEmail = values.fromEmail.trim() || null;
  const fromName = values.fromName.trim() || null;
  const domains = domainsIn(values);
  const redirectTo = values.redirectTo.trim() || null;
  const limits = limitsIn(values.limits);
  const settings = changedSettings(vendor, values, stored);
  return {
    ...(name === stored.name ? {} : { name }),
    ...(isListChanged(values, stored)
      ? { senders: sendersIn(values) }
      : {
          ...(fromEmail === stored.fromEmail ? {} : { fromEmail }),
          ...(fromName === stored.fromName ? {} : { fromName }),
        }),
    ...(domains.join() === stored.allowedSenderDomains.join() ? {} : { allowedSenderDomains: domains }),
    ...(values.checkSuppressions === stored.checkSuppressions ? {} : { checkSuppressions: values.checkSuppressions }),
    ...(values.mode === stored.mode ? {} : { mode: values.mode as ConnectionChanges['mode'] }),
    ...(redirectTo === stored.redirectTo ? {} : { redirectTo }),
    ...(JSON.stringify(limits) === JSON.stringify(limitsIn(initialLimits(stored.limits))) ? {} : { limits }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

/** The body that tests the values of the form before they are saved. */
export function unsavedTest(
  vendor: Vendor,
  values: FormValues,
  stored: Connection | undefined,
  to: readonly string[],
): UnsavedTest {
  const recipients = to.length === 0 ? {} : { to: [...to] };
  if (stored === undefined) {
    const { name, ...rest } = newConnection(vendor, values);
    return { ...rest, ...(name === '' ? {} : { name }), ...recipients };
  }
  const { name, ...changes } = changesOf(vendor, values, stored);
  return { connectionId: stored.id, ...changes, ...(name === undefined || name === '' ? {} : { name }), ...recipients };
}

/** Whether more has changed of the senders than address and name of the default one. */
function isListChanged(values: FormValues, stored: Connection): boolean {
  const withoutDefault = ([first, ...others]: Connection['senders']) => JSON.stringify([first?.replyTo, others]);
  return withoutDefault(sendersIn(values)) !== withoutDefault(stored.senders);
}

type SenderChanges = Pick<
  ConnectionChanges,
  'fromEmail' | 'fromName' | 'senders' | 'allowedSenderDomains' | 'checkSuppressions' | 'mode' | 'redirectTo' | 'limits'
>;

function givenSender(values: FormValues): SenderChanges {
  const { fromEmail, fromName, replyTo, senders, checkSuppressions, mode, redirectTo } = values;
  const domains = domainsIn(values);
  const limits = limitsIn(values.limits);
  return {
    ...(replyTo.trim() !== '' || senders.length > 0
      ? { senders: sendersIn(values) }
      : {
          ...(fromEmail.trim() === '' ? {} : { fromEmail: fromEmail.trim() }),
          ...(fromName.trim() === '' ? {} : { fromName: fromName.trim() }),
        }),
    ...(domains.length === 0 ? {} : { allowedSenderDomains: domains }),
    ...(checkSuppressions ? {} : { checkSuppressions }),
    ...(mode === 'live' ? {} : { mode: mode as SenderChanges['mode'] }),
    ...(redirectTo.trim() === '' ? {} : { redirectTo: redirectTo.trim() }),
    ...(limits === null ? {} : { limits }),
  };
}

function given(vendor: Vendor, values: FormValues): Record<string, FieldValue> {
  const entries = shownFields(vendor.fields, values).map((field) => {
    const value = field.secret ? values.secrets[field.name]?.value || undefined : givenValue(field, values);
    return [field.name, value] as const;
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined));
}

function changedSettings(vendor: Vendor, values: FormValues, stored: Connection): Record<string, FieldValue | null> {
  const changes: Record<string, FieldValue | null> = {};
  for (const field of shownFields(vendor.fields, values)) {
    const change = field.secret ? changedSecret(field, values) : changedSetting(field, values, stored);
    if (change !== undefined) changes[field.name] = change;
  }
  return changes;
}

function changedSecret(field: VendorField, values: FormValues): string | null | undefined {
  const { mode, value } = values.secrets[field.name] ?? KEPT;
  if (mode === 'remove') return null;
  return value === '' ? undefined : value;
}

function changedSetting(field: VendorField, values: FormValues, stored: Connection): FieldValue | null | undefined {
  const before = stored.settings[field.name] ?? undefined;
  if (effectiveValue(field, values) === before) return undefined;
  const value = givenValue(field, values);
  // A cleared field gets its default; one that was never stored has nothing to clear.
  return value ?? (before === undefined && defaultOf(field) === undefined ? undefined : null);
}

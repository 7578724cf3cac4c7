import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { changesOf } from './bodies.ts';
import { pathOf } from './fields.ts';
import { type FormValues, initialValues, KEPT, shownFields } from './form-values.ts';
import { type Renewal, renewalOf } from './renewal.ts';

export type ConnectionFormState = UseFormReturnType<FormValues>;

export interface ConnectionForm {
  readonly form: ConnectionFormState;
  /** The connection that the form began with; undefined for a new one. */
  readonly base: Connection | undefined;
  readonly shown: readonly VendorField[];
  readonly renewal: Renewal;
  readonly isChanged: boolean;
  /** Begins anew with what is stored now. */
  readonly restart: (stored: Connection) => void;
  /** Takes what is stored now, with what was changed here since these values on top of it. */
  readonly rebase: (stored: Connection, before: FormValues) => void;
}

/** What a form for a connection holds. */
export function useConnectionForm(vendor: Vendor, connection: Connection | undefined): ConnectionForm {
  const [base, setBase] = useState(connection);
  const fields = vendor.fields;
  const form = useForm<FormValues>({
    initialValues: initialValues(vendor, connection),
    onValuesChange: (values, before) => {
      // A secret that was asked for need not be entered any more, once what had moved is back in its place.
      for (const field of renewalOf(fields, before, base).secrets) {
        const isAsked = renewalOf(fields, values, base).secrets.includes(field);
        if (!isAsked && values.secrets[field.name]?.mode === 'keep') form.clearFieldError(pathOf(field));
      }
    },
  });
  const begin = (stored: Connection, values: FormValues) => {
    setBase(stored);
    form.setInitialValues(initialValues(vendor, stored));
    form.setValues(values);
    form.clearErrors();
  };
  return {
    form,
    base,
    shown: shownFields(fields, form.values),
    renewal: renewalOf(fields, form.values, base),
    isChanged: base === undefined ? form.isDirty() : isEdited(vendor, form.values, base),
    restart: (stored) => begin(stored, initialValues(vendor, stored)),
    rebase: (stored, before) => begin(stored, onTopOf(initialValues(vendor, stored), form.getValues(), before)),
  };
}

/** A secret that was opened to be replaced is a change too, though there is nothing to send yet. */
function isEdited(vendor: Vendor, values: FormValues, stored: Connection): boolean {
  const isOpened = Object.values(values.secrets).some(({ mode }) => mode !== 'keep');
  return isOpened || Object.keys(changesOf(vendor, values, stored)).length > 0;
}

function onTopOf(theirs: FormValues, mine: FormValues, before: FormValues): FormValues {
  const pick = <T>(now: T, then: T, there: T): T => (now === then ? there : now);
  const merged = Object.keys(theirs.settings).map((name) => {
    return [name, pick(mine.settings[name], before.settings[name], theirs.settings[name])];
  });
  const secrets = Object.entries(mine.secrets).map(([name, edit]) => {
    const then = before.secrets[name];
    return [name, edit.mode === then?.mode && edit.value === then.value ? KEPT : edit] as const;
  });
  return {
    name: pick(mine.name, before.name, theirs.name),
    fromEmail: pick(mine.fromEmail, before.fromEmail, theirs.fromEmail),
    fromName: pick(mine.fromName, before.fromName, theirs.fromName),
    allowedSenderDomains: pick(mine.allowedSenderDomains, before.allowedSenderDomains, theirs.allowedSenderDomains),
    settings: Object.fromEntries(merged) as FormValues['settings'],
    secrets: Object.fromEntries(secrets),
  };
}

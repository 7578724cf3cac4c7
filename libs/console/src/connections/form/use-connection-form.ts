import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection, Vendor, VendorField, VendorPreset } from '../../api/types.ts';
import { changesOf, newConnection } from './bodies.ts';
import {
  copiedValues,
  defaultOf,
  effectiveValue,
  type FieldValue,
  type FormValues,
  initialValues,
  isValue,
  KEPT,
  pathOf,
  shownFields,
} from './form-values.ts';
import { limitsIn } from './limits.ts';
import { type Renewal, renewalOf } from './validate.ts';

export type ConnectionFormState = UseFormReturnType<FormValues>;

/** What a new connection starts with, apart from defaults. */
interface Start {
  /** The connection to copy. */
  readonly template?: Connection | undefined;
  readonly preset?: VendorPreset | undefined;
}

export interface ConnectionForm {
  readonly form: ConnectionFormState;
  /** The connection that the form started with; undefined for a new one. */
  readonly base: Connection | undefined;
  readonly shown: readonly VendorField[];
  readonly renewal: Renewal;
  readonly isChanged: boolean;
  /** The section of settings that few users need. It opens by itself when something in it is set. */
  readonly advanced: { readonly isOpen: boolean; readonly setOpen: (isOpen: boolean) => void };
  /** Starts over with the stored connection. */
  readonly restart: (stored: Connection) => void;
  /** Applies what the user changed since `before` on top of the stored connection. */
  readonly rebase: (stored: Connection, before: FormValues) => void;
}

/**
 * The state of the form of a connection.
 * @param connection the one to edit; undefined for a new one
 * @param start what a new connection starts with
 */
export function useConnectionForm(vendor: Vendor, connection: Connection | undefined, start: Start): ConnectionForm {
  const [base, setBase] = useState(connection);
  const fields = vendor.fields;
  const form = useForm<FormValues>({
    initialValues: startValues(vendor, connection, start),
    onValuesChange: (values, before) => {
      // When the changed host is restored, its secrets need not be entered again.
      for (const field of renewalOf(fields, before, base).secrets) {
        const isRequired = renewalOf(fields, values, base).secrets.includes(field);
        if (!isRequired && values.secrets[field.name]?.mode === 'keep') form.clearFieldError(pathOf(field));
      }
    },
  });
  const begin = (stored: Connection, values: FormValues) => {
    setBase(stored);
    form.setInitialValues(initialValues(vendor, stored));
    form.setValues(values);
    form.clearErrors();
  };
  const shown = shownFields(fields, form.values);
  return {
    form,
    base,
    shown,
    renewal: renewalOf(fields, form.values, base),
    isChanged: base === undefined ? form.isDirty() : isEdited(vendor, form.values, base),
    advanced: useAdvanced(isAdvancedSet(form.values, base, shown), start.preset?.needs !== undefined),
    restart: (stored) => begin(stored, initialValues(vendor, stored)),
    rebase: (stored, before) => begin(stored, onTopOf(initialValues(vendor, stored), form.getValues(), before)),
  };
}

/** Open from the start if something in it is set or needed, and as soon as something is. Only the user closes it again. */
function useAdvanced(isSet: boolean, isNeeded: boolean): ConnectionForm['advanced'] {
  const [wasSet, setWasSet] = useState(isSet);
  const [isOpen, setOpen] = useState(isSet || isNeeded);
  if (isSet !== wasSet) {
    setWasSet(isSet);
    if (isSet) setOpen(true);
  }
  return { isOpen, setOpen };
}

function isAdvancedSet(values: FormValues, base: Connection | undefined, shown: readonly VendorField[]): boolean {
  if (values.allowedSenderDomains.trim() !== '' || !values.checkSuppressions || values.mode !== 'live') return true;
  if (limitsIn(values.limits) !== null) return true;
  return shown.some((field) => {
    if (!field.advanced) return false;
    if (field.secret) return base?.secrets[field.name] !== undefined;
    const value = effectiveValue(field, values);
    // A switch that is off is not set, whether its default is "off" or absent.
    return value !== defaultOf(field) && value !== false;
  });
}

function startValues(vendor: Vendor, connection: Connection | undefined, { template, preset }: Start): FormValues {
  if (template !== undefined) return copiedValues(vendor, template);
  const values = initialValues(vendor, connection);
  const filled = Object.entries(preset?.settings ?? {}).filter((entry): entry is [string, FieldValue] => {
    return isValue(entry[1]) && entry[0] in values.settings;
  });
  return { ...values, settings: { ...values.settings, ...Object.fromEntries(filled) } };
}

/** Opening a stored secret to replace it is a change too, although there is nothing to send yet. */
function isEdited(vendor: Vendor, values: FormValues, stored: Connection): boolean {
  const isOpened = Object.values(values.secrets).some(({ mode }) => mode !== 'keep');
  return isOpened || Object.keys(changesOf(vendor, values, stored)).length > 0;
}

function onTopOf(theirs: FormValues, mine: FormValues, before: FormValues): FormValues {
  const pick = <T>(now: T, then: T, there: T): T => (JSON.stringify(now) === JSON.stringify(then) ? there : now);
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
    replyTo: pick(mine.replyTo, before.replyTo, theirs.replyTo),
    senders: pick(mine.senders, before.senders, theirs.senders),
    allowedSenderDomains: pick(mine.allowedSenderDomains, before.allowedSenderDomains, theirs.allowedSenderDomains),
    checkSuppressions: pick(mine.checkSuppressions, before.checkSuppressions, theirs.checkSuppressions),
    mode: pick(mine.mode, before.mode, theirs.mode),
    redirectTo: pick(mine.redirectTo, before.redirectTo, theirs.redirectTo),
    limits: pick(mine.limits, before.limits, theirs.limits),
    settings: Object.fromEntries(merged) as FormValues['settings'],
    secrets: Object.fromEntries(secrets),
  };
}

interface Save {
  readonly values: FormValues;
  /** The version that was edited; undefined for a new connection. */
  readonly base: Connection | undefined;
  /** The last test of unsaved values. */
  readonly testId: string | undefined;
}

interface SaveOutcome {
  readonly onSaved: (connection: Connection, values: FormValues) => void;
  readonly onFailed: (error: Error) => void;
}

/** Saves the form, then reloads everything that shows the connection. */
export function useSave(vendor: Vendor, { onSaved, onFailed }: SaveOutcome) {
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: ({ values, base, testId }: Save) => {
      const test = testId === undefined ? {} : { testId };
      if (base === undefined) {
        return bodyOf(api.POST('/api/v1/connections', { body: { ...newConnection(vendor, values), ...test } }));
      }
      const params = { path: { id: base.id }, header: { 'If-Match': `"${String(base.version)}"` } };
      return bodyOf(
        api.PATCH('/api/v1/connections/{id}', { params, body: { ...changesOf(vendor, values, base), ...test } }),
      );
    },
    // The mutation holds the typed secrets. It leaves memory once they are stored; callbacks of `mutate` would not.
    gcTime: 0,
    onSuccess: (saved, { values }) => {
      queryClient.setQueryData(connectionQuery(saved.id).queryKey, saved);
      onSaved(saved, values);
      save.reset();
      void queryClient.invalidateQueries({ queryKey: ['connection', saved.id] });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
    },
    onError: async (error, { base }) => {
      onFailed(error);
      if (!(error instanceof Problem) || error.status !== 412 || base === undefined) return;
      await queryClient.invalidateQueries({ queryKey: connectionQuery(base.id).queryKey, exact: true });
    },
  });
  return save;
}

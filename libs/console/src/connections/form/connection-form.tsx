import { Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import type { Connection, Vendor } from '../../api/types.ts';
import { unsavedTest } from './bodies.ts';
import classes from './connection-form.module.css';
import { DetailsCard } from './details-card.tsx';
import { changedPaths } from './differences.ts';
import { FieldGroups } from './field-groups.tsx';
import { pathOf } from './fields.ts';
import { focusFirst } from './form-item.tsx';
import { FormNotices } from './form-notices.tsx';
import { areSame, type FormValues, initialValues } from './form-values.ts';
import { LeaveDialog } from './leave-dialog.tsx';
import { faultsIn, placeFaults } from './place-faults.ts';
import { RenewalAnnouncement } from './renewal-announcement.tsx';
import { SaveBar } from './save-bar.tsx';
import { TryCard } from './try-card.tsx';
import { useAdvanced } from './use-advanced.ts';
import { useConnectionForm } from './use-connection-form.ts';
import { useSave } from './use-save.ts';
import { type FormFaults, type Purpose, validate } from './validate.ts';

export interface ConnectionFormProps {
  readonly vendor: Vendor;
  /** The connection to change, as it is now; undefined for a new one. */
  readonly connection?: Connection;
  readonly onSaved: (connection: Connection) => void;
  /** Whether the connection was deleted, so that nothing can be lost any more. Always the same function. */
  readonly isGone?: () => boolean;
  /** Where to go instead of saving. */
  readonly cancel?: ReactNode;
}

/** Adds a connection or changes one, by the fields that its vendor has. */
export function ConnectionForm({ vendor, connection, onSaved, isGone, cancel }: ConnectionFormProps) {
  const connectionForm = useConnectionForm(vendor, connection);
  const { form, base, shown, isChanged, restart, rebase } = connectionForm;
  const id = useId();
  const element = useRef<HTMLFormElement>(null);
  const [wanted, setWanted] = useState<readonly string[]>([]);
  const advanced = useAdvanced(connectionForm);

  /** What the last test ran with, as long as that is not known to be out of date. */
  const [tested, setTested] = useState<FormValues>();
  // The service compares what is saved with what this test ran with.
  const lastTestId = useRef<string>(undefined);

  const mayLose = useRef(false);
  const isAdded = useRef(false);
  useEffect(() => {
    mayLose.current = isChanged && !isAdded.current;
  });
  const mayLoseNow = useCallback(() => mayLose.current && isGone?.() !== true, [isGone]);
  const save = useSave(vendor, {
    onSaved: (saved, values) => {
      mayLose.current = false;
      if (base === undefined) isAdded.current = true;
      else rebase(saved, values);
      // The same is stored now, without the secrets that were typed.
      setTested((last) => (last !== undefined && areSame(last, values) ? initialValues(vendor, saved) : undefined));
      onSaved(saved);
    },
    onFailed: (error) => {
      const { atFields } = placeFaults(faultsIn(error), shown);
      if (Object.keys(atFields).length > 0) show(atFields);
    },
  });

  /** What somebody else saved while this form was open. */
  const isNewer = base !== undefined && connection !== undefined && connection.version > base.version;
  const theirs = isNewer ? connection : undefined;
  useEffect(() => {
    if (theirs !== undefined && !isChanged) restart(theirs);
  });

  const goTo = (paths: readonly string[]) => {
    if (shown.some((field) => field.advanced && paths.includes(pathOf(field)))) advanced.setOpen(true);
    setWanted([...paths]);
  };
  // After what is wanted is on the page.
  useEffect(() => {
    if (element.current !== null) focusFirst(element.current, wanted);
  }, [wanted]);
  const show = (faults: FormFaults) => {
    form.setErrors(faults);
    goTo(Object.keys(faults));
  };
  const isValid = (purpose: Purpose) => {
    const faults = validate(vendor, form.values, base, purpose);
    show(faults);
    return Object.keys(faults).length === 0;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isUnchanged = base !== undefined && !isChanged;
    if (save.isPending || isUnchanged || !isValid('save')) return;
    save.mutate({ values: form.values, base, testId: lastTestId.current });
  };
  const discard = (stored: Connection) => {
    restart(stored);
    save.reset();
    // The button that was pressed is gone.
    element.current?.focus({ preventScroll: true });
  };
  const keepMine = (stored: Connection) => {
    const before = initialValues(vendor, base);
    goTo([...changedPaths(before, form.values)]);
    rebase(stored, before);
    save.reset();
  };

  return (
    <Stack gap="lg">
      <LeaveDialog mayLose={mayLoseNow} />
      <RenewalAnnouncement renewal={connectionForm.renewal} />
      <form
        id={id}
        ref={element}
        onSubmit={submit}
        noValidate
        autoComplete="off"
        tabIndex={-1}
        className={classes.form}
      >
        <Stack gap="lg">
          <FormNotices
            vendor={vendor}
            connectionForm={connectionForm}
            theirs={isChanged ? theirs : undefined}
            error={save.error}
            onRetry={() => element.current?.requestSubmit()}
            onKeepMine={keepMine}
            onDiscardMine={discard}
          />
          <DetailsCard form={form} vendorName={vendor.displayName} />
          <FieldGroups
            vendor={vendor}
            connectionForm={connectionForm}
            isAdvancedOpen={advanced.isOpen}
            onToggleAdvanced={() => advanced.setOpen(!advanced.isOpen)}
          />
        </Stack>
      </form>
      <TryCard
        connectionForm={connectionForm}
        prepare={(to) => (isValid('test') ? unsavedTest(vendor, form.values, base, to) : undefined)}
        onStart={() => setTested(form.values)}
        onTested={(testId) => (lastTestId.current = testId)}
        isOutdated={tested === undefined || !areSame(tested, form.values)}
        onFaults={show}
        onGoTo={goTo}
      />
      <SaveBar
        formId={id}
        connectionForm={connectionForm}
        isSaving={save.isPending}
        onGoTo={goTo}
        onDiscard={discard}
        cancel={cancel}
      />
    </Stack>
  );
}

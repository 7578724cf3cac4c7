import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Problem } from '../../api/problem.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { unsavedTest } from './bodies.ts';
import classes from './connection-form.module.css';
import { ConflictNotice } from './conflict-notice.tsx';
import { DetailsCard } from './details-card.tsx';
import { changedPaths, LABELS } from './differences.ts';
import { FaultList } from './fault-list.tsx';
import { type Fault, FaultSummary } from './fault-summary.tsx';
import { FieldGroups } from './field-groups.tsx';
import { defaultOf, type FormField, pathOf } from './fields.ts';
import { focusFirst } from './form-item.tsx';
import { effectiveValue, initialValues } from './form-values.ts';
import { LeaveDialog } from './leave-dialog.tsx';
import { placeFaults } from './place-faults.ts';
import { TryCard } from './try-card.tsx';
import { type ConnectionForm as FormState, useConnectionForm } from './use-connection-form.ts';
import { useSave } from './use-save.ts';
import { changed, type FormFaults, type Purpose, validate } from './validate.ts';

export interface ConnectionFormProps {
  readonly vendor: Vendor;
  /** The connection to change, as it is now; undefined for a new one. */
  readonly connection?: Connection;
  readonly onSaved: (connection: Connection) => void;
  /** Where to go instead of saving. */
  readonly cancel?: ReactNode;
}

/** Adds a connection or changes one, by the fields that its vendor has. */
export function ConnectionForm({ vendor, connection, onSaved, cancel }: ConnectionFormProps) {
  const connectionForm = useConnectionForm(vendor, connection);
  const { form, base, shown, renewal, isChanged, restart, rebase } = connectionForm;
  const element = useRef<HTMLFormElement>(null);
  const notices = useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = useState<Wanted>();
  const [isAdvancedOpen, setAdvancedOpen] = useState<boolean>();
  const mayLose = useRef(false);
  const isAdded = useRef(false);

  const save = useSave(vendor, (saved) => {
    mayLose.current = false;
    if (base === undefined) isAdded.current = true;
    else restart(saved);
    onSaved(saved);
  });
  useEffect(() => {
    mayLose.current = isChanged && !isAdded.current;
  });
  const mayLoseNow = useCallback(() => mayLose.current, []);

  /** What somebody else saved while this form was open. */
  const theirs =
    base !== undefined && connection !== undefined && connection.version > base.version ? connection : undefined;
  useEffect(() => {
    if (theirs !== undefined && !isChanged) restart(theirs);
  });

  /** The button that was pressed is gone afterwards. */
  const discard = (stored: Connection) => {
    restart(stored);
    save.reset();
    element.current?.focus({ preventScroll: true });
  };
  const show = (faults: FormFaults) => {
    form.setErrors(faults);
    const isAmong = (field: FormField) => field.advanced && faults[pathOf(field)] !== undefined;
    if (shown.some(isAmong)) setAdvancedOpen(true);
    setWanted({ paths: Object.keys(faults) });
  };
  const isValid = (purpose: Purpose) => {
    const faults = validate(vendor, form.values, base, purpose);
    show(faults);
    return Object.keys(faults).length === 0;
  };
  // After what was wanted is on the page.
  useEffect(() => {
    if (wanted !== undefined && element.current !== null) focusFirst(element.current, wanted.paths);
  }, [wanted]);

  const isUnchanged = base !== undefined && !isChanged;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending || isUnchanged || !isValid('save')) return;
    save.mutate(
      { values: form.values, base },
      {
        onError: (error) => {
          const { atFields } = placeFaults(faultsIn(error), shown);
          if (Object.keys(atFields).length > 0) show(atFields);
        },
      },
    );
  };

  const placed = placeFaults(faultsIn(save.error), shown);
  const isAtFields = placed.others.length === 0 && Object.keys(placed.atFields).length > 0;
  // What is said above would go unseen by who looks at the button.
  useEffect(() => {
    if (save.error === null || isAtFields) return;
    notices.current?.scrollIntoView({ block: 'center' });
    notices.current?.focus({ preventScroll: true });
  }, [save.error, isAtFields]);
  const isOutrun = save.error instanceof Problem && save.error.status === 412;
  const faults = faultsInOrder(connectionForm);
  const isOpen = isAdvancedOpen ?? isAnyAdvancedSet(connectionForm);

  return (
    <form ref={element} onSubmit={submit} noValidate autoComplete="off" tabIndex={-1} className={classes.form}>
      <LeaveDialog mayLose={mayLoseNow} />
      <Stack gap="lg">
        <div ref={notices} tabIndex={-1} className={classes.notices}>
          {theirs !== undefined && isChanged && base !== undefined && (
            <ConflictNotice
              vendor={vendor}
              before={base}
              theirs={theirs}
              mine={changedPaths(initialValues(vendor, base), form.values)}
              onKeepMine={() => {
                setWanted({ paths: [...changedPaths(initialValues(vendor, base), form.values)] });
                rebase(theirs);
                save.reset();
              }}
              onDiscardMine={() => discard(theirs)}
            />
          )}
          {save.error !== null && !isAtFields && !(isOutrun && theirs !== undefined) && (
            <FaultList error={save.error} title={notSaved(base)} faults={placed.others} />
          )}
        </div>
        {renewal.secrets.length > 0 && <Announcement>{renewalInWords(connectionForm)}</Announcement>}
        <DetailsCard form={form} vendorName={vendor.displayName} />
        <FieldGroups
          vendor={vendor}
          connectionForm={connectionForm}
          isAdvancedOpen={isOpen}
          onToggleAdvanced={() => setAdvancedOpen(!isOpen)}
        />
        <TryCard
          connectionForm={connectionForm}
          prepare={(to) => (isValid('test') ? unsavedTest(vendor, form.values, base, to) : undefined)}
          onFaults={show}
        />
        <div>
          <FaultSummary faults={faults} onGoTo={(path) => setWanted({ paths: [path] })} />
          <Group gap="xs">
            {/* It keeps the focus while there is nothing to save. */}
            <Button
              type="submit"
              loading={save.isPending}
              aria-disabled={isUnchanged || undefined}
              data-disabled={isUnchanged || undefined}
            >
              {base === undefined ? 'Save' : 'Save changes'}
            </Button>
            {cancel}
            {base !== undefined && isChanged && (
              <Button variant="default" onClick={() => discard(base)}>
                Discard changes
              </Button>
            )}
          </Group>
        </div>
      </Stack>
    </form>
  );
}

/** Where the focus is to go. */
interface Wanted {
  readonly paths: readonly string[];
}

function notSaved(base: Connection | undefined): string {
  return base === undefined ? 'The connection is not saved' : 'Your changes are not saved';
}

function faultsIn(error: Error | null) {
  return (error instanceof Problem ? error.body.errors : undefined) ?? [];
}

function renewalInWords({ renewal }: FormState): string {
  const secrets = new Intl.ListFormat('en').format(renewal.secrets.map(({ label }) => label));
  return `${changed(renewal)}. Enter again: ${secrets}.`;
}

/** The faults that are shown, in the order of the page. */
function faultsInOrder({ form, shown }: FormState): readonly Fault[] {
  const details = Object.entries(LABELS).map(([path, label]) => ({ path, label }));
  const fields = [...shown.filter((field) => !field.advanced), ...shown.filter((field) => field.advanced)];
  return [...details, ...fields.map((field) => ({ path: pathOf(field), label: field.label }))].filter(
    ({ path }) => form.errors[path] !== undefined && form.errors[path] !== null,
  );
}

/** Whether something is set there that the form should not hide. */
function isAnyAdvancedSet({ form, base, shown }: FormState): boolean {
  return shown.some((field) => {
    if (!field.advanced) return false;
    if (field.secret) return base?.secrets[field.name] !== undefined;
    const value = effectiveValue(field, form.values);
    return value !== defaultOf(field) && value !== false;
  });
}

import { Button, Group, Stack, Text } from '@mantine/core';
import { type ShouldBlockFn, useBlocker } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import type { Connection, Vendor } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Announcement } from '../../ui/status.tsx';
import { effectiveMode } from '../mode-words.ts';
import { unsavedTest } from './bodies.ts';
import { DetailsCard } from './details-card.tsx';
import { FieldGroups } from './field-groups.tsx';
import { focusFirst } from './form-item.tsx';
import { FormNotices } from './form-notices.tsx';
import { areSame, type FormValues, initialValues, pathOf } from './form-values.ts';
import classes from './form.module.css';
import { changedPaths, faultsIn, isAdvancedDetail, placeFaults } from './places.ts';
import { SaveBar } from './save-bar.tsx';
import { TryCard, useTry } from './try-card.tsx';
import { useConnectionForm, useSave } from './use-connection-form.ts';
import { changed, type FormFaults, type Purpose, type Renewal, validate } from './validate.ts';

interface ConnectionFormProps {
  readonly vendor: Vendor;
  /** The connection to edit, as it is now; undefined for a new one. */
  readonly connection?: Connection;
  /** The connection that a new one is a copy of. */
  readonly template?: Connection | undefined;
  /** The preset that a new one starts with. */
  readonly preset?: string | undefined;
  readonly onSaved: (connection: Connection) => void;
  /** Whether the connection was deleted, so that there is nothing left to lose. Always the same function. */
  readonly isGone?: () => boolean;
  /** A link to leave without saving. */
  readonly cancel?: ReactNode;
}

/** The form that adds or edits a connection. Its fields are those of the vendor. */
export function ConnectionForm(props: ConnectionFormProps) {
  const { vendor, connection, template, preset, onSaved, isGone, cancel } = props;
  const start = { template, preset: vendor.presets.find(({ key }) => key === preset) };
  const connectionForm = useConnectionForm(vendor, connection, start);
  const { form, base, shown, isChanged, advanced, restart, rebase } = connectionForm;
  const session = useSession();
  const id = useId();
  const testFormId = useId();
  const element = useRef<HTMLFormElement>(null);
  const [wanted, setWanted] = useState<readonly string[]>([]);

  /** The values of the last test, unless they are known to be outdated. */
  const [tested, setTested] = useState<FormValues>();

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
      // The tested values are stored now, so the form no longer has the typed secrets.
      setTested((last) => (last !== undefined && areSame(last, values) ? initialValues(vendor, saved) : undefined));
      onSaved(saved);
    },
    onFailed: (error) => {
      const { atFields } = placeFaults(faultsIn(error), shown);
      if (Object.keys(atFields).length > 0) show(atFields);
    },
  });

  /** The version that another user saved while this form was open. */
  const isNewer = base !== undefined && connection !== undefined && connection.version > base.version;
  const theirs = isNewer ? connection : undefined;
  useEffect(() => {
    if (theirs !== undefined && !isChanged) restart(theirs);
  });

  // A new connection starts with its name.
  useEffect(() => {
    if (connection === undefined) element.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [connection]);

  const goTo = (paths: readonly string[]) => {
    const isAdvanced = shown.some((field) => field.advanced && paths.includes(pathOf(field)));
    if (isAdvanced || paths.some(isAdvancedDetail)) advanced.setOpen(true);
    setWanted([...paths]);
  };
  // After the wanted field is rendered.
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
  const redirectTo = form.values.redirectTo.trim() || null;
  const trial = useTry({
    shown,
    mode: effectiveMode(session, { mode: form.values.mode, redirectTo }),
    prepare: (to) => (isValid('test') ? unsavedTest(vendor, form.values, base, to) : undefined),
    onStart: () => setTested(form.values),
    onFaults: show,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isUnchanged = base !== undefined && !isChanged;
    if (save.isPending || isUnchanged || !isValid('save')) return;
    // The service compares the saved values with those of the test, and records the test with the connection.
    save.mutate({ values: form.values, base, testId: trial.outcome?.testId });
  };
  const discard = (stored: Connection) => {
    restart(stored);
    save.reset();
    // The pressed button is gone.
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
          <DetailsCard connectionForm={connectionForm} vendorName={vendor.displayName} />
          <FieldGroups vendor={vendor} connectionForm={connectionForm} preset={preset} />
        </Stack>
      </form>
      <TryCard
        formId={testFormId}
        connectionForm={connectionForm}
        trial={trial}
        isOutdated={tested === undefined || !areSame(tested, form.values)}
        onGoTo={goTo}
      />
      <SaveBar
        formId={id}
        testFormId={testFormId}
        connectionForm={connectionForm}
        isSaving={save.isPending}
        isTesting={trial.test.isPending}
        sendsTest={trial.recipients.isSending}
        onGoTo={goTo}
        onDiscard={discard}
        cancel={cancel}
      />
    </Stack>
  );
}

/** Announces that secrets elsewhere on the page must be entered again. */
function RenewalAnnouncement({ renewal }: { readonly renewal: Renewal }) {
  if (renewal.secrets.length === 0) return null;
  const secrets = new Intl.ListFormat('en').format(renewal.secrets.map(({ label }) => label));
  return <Announcement>{`${changed(renewal)}. Enter again: ${secrets}.`}</Announcement>;
}

interface LeaveDialogProps {
  /** Whether changes would be lost, called at the moment of leaving. */
  readonly mayLose: () => boolean;
}

/** Asks before changes are lost: in a dialog for another page of the console, in the browser's own for everything else. */
function LeaveDialog({ mayLose }: LeaveDialogProps) {
  const shouldBlockFn = useCallback<ShouldBlockFn>(
    ({ current, next }) => !isSamePage(current, next) && mayLose(),
    [mayLose],
  );
  const blocker = useBlocker({ shouldBlockFn, enableBeforeUnload: mayLose, withResolver: true });
  const stay = () => blocker.reset?.();
  return (
    <Dialog opened={blocker.status === 'blocked'} onClose={stay} title="Leave without saving?">
      <Text size="sm">Your changes are not saved and will be lost.</Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button onClick={stay} data-autofocus>
          Stay here
        </Button>
      </Group>
    </Dialog>
  );
}

type Page = Pick<Parameters<ShouldBlockFn>[0]['next'], 'pathname' | 'search'>;

/** Another place on the same page keeps the form. */
function isSamePage(one: Page, other: Page): boolean {
  return one.pathname === other.pathname && JSON.stringify(one.search) === JSON.stringify(other.search);
}

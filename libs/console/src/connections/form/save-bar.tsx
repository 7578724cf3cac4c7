import { Button, Text, UnstyledButton } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Connection } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import classes from './form.module.css';
import { LIMIT_FIELDS } from './limits.ts';
import { DETAILS, isAdvancedDetail, type Place, placeOf } from './places.ts';
import type { ConnectionForm } from './use-connection-form.ts';

interface SaveBarProps {
  /** The id of the form that it saves. */
  readonly formId: string;
  /** The id of the form that runs the test. */
  readonly testFormId: string;
  readonly connectionForm: ConnectionForm;
  readonly isSaving: boolean;
  readonly isTesting: boolean;
  /** Whether the test sends messages, or only checks the connection. */
  readonly sendsTest: boolean;
  readonly onGoTo: (paths: readonly string[]) => void;
  readonly onDiscard: (stored: Connection) => void;
  readonly cancel: ReactNode;
}

/** Saves and tests the form, and lists the fields that have errors. It stays at the bottom of the window. */
export function SaveBar(props: SaveBarProps) {
  const { formId, testFormId, connectionForm, isSaving, isTesting, sendsTest, onGoTo, onDiscard, cancel } = props;
  const { base, isChanged } = connectionForm;
  const isUnchanged = base !== undefined && !isChanged;
  return (
    <div className={classes.bar} data-save-bar>
      <FaultSummary faults={faultyPlaces(connectionForm)} onGoTo={(path) => onGoTo([path])} />
      <div className={classes.buttons}>
        {/* It keeps the focus while there is nothing to save. */}
        <BusyButton
          type="submit"
          form={formId}
          isBusy={isSaving}
          aria-disabled={isUnchanged || undefined}
          data-disabled={isUnchanged || undefined}
        >
          {base === undefined ? 'Save' : 'Save changes'}
        </BusyButton>
        <BusyButton
          type="submit"
          form={testFormId}
          variant="default"
          isBusy={isTesting}
          leftSection={<IconSend size={16} aria-hidden />}
        >
          {sendsTest ? 'Send Test' : 'Test Connection'}
        </BusyButton>
        <div className={classes.aside}>
          {base !== undefined && isChanged && (
            <Button variant="subtle" onClick={() => onDiscard(base)}>
              Discard changes
            </Button>
          )}
          {cancel}
        </div>
      </div>
    </div>
  );
}

interface FaultSummaryProps {
  readonly faults: readonly Place[];
  readonly onGoTo: (path: string) => void;
}

/** The number of fields with errors and a link to each. Screen readers announce it. */
function FaultSummary({ faults, onGoTo }: FaultSummaryProps) {
  return (
    <div role="alert">
      {faults.length > 0 && (
        <div className={classes.summary}>
          <Text size="sm" fw={600} className={classes.summaryTitle}>
            {faults.length === 1 ? 'Fix 1 field:' : `Fix ${String(faults.length)} fields:`}
          </Text>
          <ul className={classes.summaryList}>
            {faults.map(({ path, label }) => (
              <li key={path}>
                <UnstyledButton className={classes.summaryLink} onClick={() => onGoTo(path)}>
                  {label}
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** The fields with errors, in the order of the page. */
function faultyPlaces({ form, shown }: ConnectionForm): readonly Place[] {
  const isAdvanced = ({ path }: Place) => isAdvancedDetail(path);
  const places = [
    ...DETAILS.filter((place) => !isAdvanced(place)),
    ...shown.filter((field) => !field.advanced).map(placeOf),
    ...DETAILS.filter(isAdvanced),
    ...LIMIT_FIELDS,
    ...shown.filter((field) => field.advanced).map(placeOf),
  ];
  return places.filter(({ path }) => form.errors[path] !== undefined && form.errors[path] !== null);
}

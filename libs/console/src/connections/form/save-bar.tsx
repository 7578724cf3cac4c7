import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Connection } from '../../api/types.ts';
import { BusyButton } from '../../ui/busy-button.tsx';
import { FaultSummary } from './fault-summary.tsx';
import { DETAILS, type Place, placeOf } from './place-faults.ts';
import type { ConnectionForm } from './use-connection-form.ts';

export interface SaveBarProps {
  /** The form that it saves. */
  readonly formId: string;
  readonly connectionForm: ConnectionForm;
  readonly isSaving: boolean;
  readonly onGoTo: (paths: readonly string[]) => void;
  readonly onDiscard: (stored: Connection) => void;
  readonly cancel: ReactNode;
}

/** Saves a form or leaves it be, and says which fields keep it from being saved. */
export function SaveBar({ formId, connectionForm, isSaving, onGoTo, onDiscard, cancel }: SaveBarProps) {
  const { base, isChanged } = connectionForm;
  const isUnchanged = base !== undefined && !isChanged;
  return (
    <div>
      <FaultSummary faults={faultyPlaces(connectionForm)} onGoTo={(path) => onGoTo([path])} />
      <Group gap="xs">
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
        {cancel}
        {base !== undefined && isChanged && (
          <Button variant="default" onClick={() => onDiscard(base)}>
            Discard changes
          </Button>
        )}
      </Group>
    </div>
  );
}

/** Where the faults are that are shown, in the order of the page. */
function faultyPlaces({ form, shown }: ConnectionForm): readonly Place[] {
  const fields = [...shown.filter((field) => !field.advanced), ...shown.filter((field) => field.advanced)];
  return [...DETAILS, ...fields.map(placeOf)].filter(({ path }) => {
    return form.errors[path] !== undefined && form.errors[path] !== null;
  });
}

import { Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Problem } from '../../api/problem.ts';
import type { BlockingUsage, Connection } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { UsageGate } from '../usages/usage-gate.tsx';
import { useSetEnabled } from './use-set-enabled.ts';

interface DisableDialogProps {
  readonly connection: Connection;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Disables a connection, or shows which campaigns and journeys use it. */
export function DisableDialog({ connection, opened, onClose }: DisableDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Disable ${connection.name}?`}>
      <UsageGate id={connection.id} action="disabled" onClose={onClose}>
        {(onRefused) => <Confirm connection={connection} onRefused={onRefused} onClose={onClose} />}
      </UsageGate>
    </Dialog>
  );
}

interface ConfirmProps extends Omit<DisableDialogProps, 'opened'> {
  readonly onRefused: (usages: readonly BlockingUsage[]) => void;
}

function Confirm({ connection, onRefused, onClose }: ConfirmProps) {
  const disable = useSetEnabled(connection);
  const button = useRef<HTMLButtonElement>(null);
  // It replaces a placeholder or the button "Check again", whose focus would be lost.
  useEffect(() => button.current?.focus(), []);
  const confirm = () =>
    disable.mutate(false, {
      onSuccess: onClose,
      onError: (error) => {
        if (error instanceof Problem && error.body.usages !== undefined) onRefused(error.body.usages);
      },
    });
  return (
    <Stack>
      <Text>
        Nothing can be sent through it until you enable it again. Tests still work, and late bounces and complaints are
        still recorded.
      </Text>
      {disable.error !== null && <Failure error={disable.error} title="Could not disable the connection" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <BusyButton ref={button} isBusy={disable.isPending} onClick={confirm}>
          Disable
        </BusyButton>
      </Group>
    </Stack>
  );
}

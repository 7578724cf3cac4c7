import { Button, Group, Modal, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useCallback } from 'react';

export interface LeaveDialogProps {
  /** Whether something would be lost, asked at the moment of leaving. */
  readonly mayLose: () => boolean;
}

/** Asks before what was typed is lost: by another page of ours in a dialog, by anything else in the browser's own. */
export function LeaveDialog({ mayLose }: LeaveDialogProps) {
  const shouldBlockFn = useCallback(() => mayLose(), [mayLose]);
  const blocker = useBlocker({ shouldBlockFn, enableBeforeUnload: shouldBlockFn, withResolver: true });
  const stay = () => blocker.reset?.();
  return (
    <Modal opened={blocker.status === 'blocked'} onClose={stay} title="Leave without saving?">
      <Text size="sm">What you changed here is not saved, and will be lost.</Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button onClick={stay} data-autofocus>
          Stay here
        </Button>
      </Group>
    </Modal>
  );
}

import { Button, Group, Text } from '@mantine/core';
import { type ShouldBlockFn, useBlocker } from '@tanstack/react-router';
import { useCallback } from 'react';
import { Dialog } from '../../ui/dialog.tsx';

export interface LeaveDialogProps {
  /** Whether changes would be lost, called at the moment of leaving. */
  readonly mayLose: () => boolean;
}

/** Asks before changes are lost: in a dialog for another page of the console, in the browser's own for everything else. */
export function LeaveDialog({ mayLose }: LeaveDialogProps) {
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

import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { apiKeysQuery } from '../api/queries.ts';
import type { ApiKey } from '../api/types.ts';
import { BusyButton } from '../ui/busy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';

export interface RevokeKeyDialogProps {
  /** The key in question; none while the dialog is closed. */
  readonly apiKey: ApiKey | undefined;
  readonly onClose: () => void;
}

export function RevokeKeyDialog({ apiKey, onClose }: RevokeKeyDialogProps) {
  // What it says stays while it fades away.
  const [shown, setShown] = useState(apiKey);
  if (apiKey !== undefined && apiKey !== shown) setShown(apiKey);
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }),
    onSuccess: () => {
      void queryClient.invalidateQueries(apiKeysQuery);
      notifications.show({ message: `${shown?.name ?? 'The key'} is revoked.` });
      onClose();
    },
  });
  return (
    <Dialog
      opened={apiKey !== undefined}
      onClose={onClose}
      onExitTransitionEnd={() => revoke.reset()}
      title={`Revoke ${shown?.name ?? ''}?`}
    >
      <Stack>
        <Text>
          Programs that use the key ending in <code>{shown?.hint}</code> are refused from now on, and whoever signed in
          with it is signed out. This cannot be undone.
        </Text>
        {revoke.error !== null && <Failure error={revoke.error} title="The key is not revoked" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <BusyButton
            color="danger"
            isBusy={revoke.isPending}
            onClick={() => shown !== undefined && revoke.mutate(shown.id)}
          >
            Revoke
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  );
}

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
  /** The key to revoke; undefined while the dialog is closed. */
  readonly apiKey: ApiKey | undefined;
  readonly onClose: () => void;
}

export function RevokeKeyDialog({ apiKey, onClose }: RevokeKeyDialogProps) {
  // The text stays while the dialog fades out.
  const [shown, setShown] = useState(apiKey);
  if (apiKey !== undefined && apiKey !== shown) setShown(apiKey);
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }),
    onSuccess: () => {
      void queryClient.invalidateQueries(apiKeysQuery);
      notifications.show({ message: `${shown?.name ?? 'API key'} revoked` });
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
          Programs that use the key ending in <code>{shown?.hint}</code> lose access immediately, and people who signed
          in with it are signed out. This can’t be undone.
        </Text>
        {revoke.error !== null && <Failure error={revoke.error} title="Could not revoke the API key" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
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

import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { connectionQuery, registrationQuery, webhookQuery } from '../../api/queries.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RegistrationFailure } from './registration-state.tsx';

interface RemoveButtonProps {
  readonly id: string;
  readonly vendorName: string;
  readonly onRemoved: () => void;
}

/** Removes the webhook at the vendor, after a confirmation. */
export function RemoveButton({ id, vendorName, onRemoved }: RemoveButtonProps) {
  const [isOpen, dialog] = useDisclosure(false);
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/connections/{id}/webhook/registration', { params: { path: { id } } }),
    onSuccess: async () => {
      dialog.close();
      notifications.show({ message: `Webhook removed from ${vendorName}` });
      await queryClient.invalidateQueries({ queryKey: webhookQuery(id).queryKey, exact: true });
      void queryClient.invalidateQueries({ queryKey: connectionQuery(id).queryKey, exact: true });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      // It is no longer shown.
      queryClient.removeQueries({ queryKey: registrationQuery(id).queryKey });
      onRemoved();
    },
  });
  const open = () => {
    remove.reset();
    dialog.open();
  };
  return (
    <>
      <Button variant="default" onClick={open}>
        Remove from {vendorName}
      </Button>
      <Dialog opened={isOpen} onClose={dialog.close} title={`Remove the webhook from ${vendorName}?`}>
        <Stack>
          <Text c="dimmed">
            {vendorName} will no longer report deliveries, bounces and complaints of this connection. Sending still
            works, and you can set the webhook up again at any time.
          </Text>
          {remove.error !== null && (
            <RegistrationFailure id={id} error={remove.error} title="Could not remove the webhook" />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              Cancel
            </Button>
            <BusyButton isBusy={remove.isPending} onClick={() => remove.mutate()}>
              Remove
            </BusyButton>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

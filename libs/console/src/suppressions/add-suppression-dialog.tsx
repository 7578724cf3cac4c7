import { Button, Group, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { SUPPRESSIONS_KEY } from '../api/suppression-queries.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';

interface AddSuppressionDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function AddSuppressionDialog({ opened, onClose }: AddSuppressionDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Suppress an address">
      <AddSuppressionForm onClose={onClose} />
    </Dialog>
  );
}

function AddSuppressionForm({ onClose }: Pick<AddSuppressionDialogProps, 'onClose'>) {
  const queryClient = useQueryClient();
  const [address, setAddress] = useState('');
  const [note, setNote] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const add = useMutation({
    mutationFn: () => {
      const body = { address: address.trim(), ...(note.trim() === '' ? {} : { note: note.trim() }) };
      return bodyOf(api.POST('/api/v1/suppressions', { body }));
    },
    onSuccess: (suppression) => {
      void queryClient.invalidateQueries({ queryKey: SUPPRESSIONS_KEY });
      notifications.show({ message: `${suppression.address ?? address.trim()} is suppressed` });
      onClose();
    },
  });
  const [addressError, noteError] = [errorAt('/address', add.error), errorAt('/note', add.error)];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined, { onError: () => field.current?.focus() });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Address"
          type="email"
          autoComplete="off"
          spellCheck={false}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={addressError}
          errorProps={{ role: 'alert' }}
          ref={field}
          required
          data-autofocus
        />
        <TextInput
          label="Note"
          description="Why it is suppressed, for your own records."
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          error={noteError}
          errorProps={{ role: 'alert' }}
        />
        {add.error !== null && addressError === undefined && noteError === undefined && (
          <Failure error={add.error} title="Could not suppress the address" />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <BusyButton type="submit" isBusy={add.isPending} disabled={address.trim() === ''}>
            Suppress
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

function errorAt(pointer: string, error: Error | null): string | undefined {
  const errors = error instanceof Problem ? (error.body.errors ?? []) : [];
  return errors.find((one) => one.pointer === pointer)?.message;
}

import { Button, Group, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { ConnectionSelect } from '../../sender/connection-select.tsx';
import type { SenderConnection } from '../../sender/sender.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';

interface MoveUsagesProps {
  /** The id of the connection whose active campaigns and journeys are moved. */
  readonly id: string;
  readonly onMoved: () => void;
  readonly onCancel: () => void;
}

/** Moves what needs a connection to another one. */
export function MoveUsages({ id, onMoved, onCancel }: MoveUsagesProps) {
  const queryClient = useQueryClient();
  const [selected, setSelected] = useState<SenderConnection>();
  const [isMissing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // It replaces the button "Move…", whose focus would be lost.
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const move = useMutation({
    mutationFn: (to: SenderConnection) =>
      bodyOf(api.POST('/api/v1/connections/{id}/move-usages', { params: { path: { id } }, body: { to: to.id } })),
    onSuccess: ({ data }, { name }) => {
      notifications.show({ message: `Moved ${String(data.length)} to ${name}` });
      void queryClient.invalidateQueries({ queryKey: ['connection'] });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      onMoved();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(selected === undefined);
    if (selected !== undefined && !move.isPending) move.mutate(selected);
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack>
        <ConnectionSelect
          label="Move to"
          selected={selected}
          onSelect={setSelected}
          isOffered={(connection) => connection.enabled && connection.id !== id}
          error={isMissing && selected === undefined ? 'Select the connection that takes over.' : undefined}
        />
        {move.error !== null && <Failure error={move.error} title="Could not move them" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Back
          </Button>
          <BusyButton type="submit" isBusy={move.isPending}>
            Move
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

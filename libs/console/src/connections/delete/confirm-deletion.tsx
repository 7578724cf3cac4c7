import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import type { BlockingUsage, Connection } from '../../api/types.ts';
import { BusyButton } from '../../ui/busy-button.tsx';
import { Failure } from '../../ui/failure.tsx';
import classes from './confirm-deletion.module.css';

export interface ConfirmDeletionProps {
  readonly connection: Connection;
  /** Campaigns or journeys have begun to need it meanwhile. */
  readonly onRefused: (usages: readonly BlockingUsage[]) => void;
  readonly onClose: () => void;
  readonly onDeleted?: (() => void) | undefined;
}

/** Says what a deletion means, and has the name typed before it is done. */
export function ConfirmDeletion({ connection, onRefused, onClose, onDeleted }: ConfirmDeletionProps) {
  const { id, name, version } = connection;
  const [typed, setTyped] = useState('');
  const [isMissed, setMissed] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const leave = async () => {
    onDeleted?.();
    onClose();
    await navigate({ to: '/connections' });
    // Only when no page asks for it any more: it would be told that it does not exist.
    queryClient.removeQueries({ queryKey: ['connection', id] });
    void queryClient.invalidateQueries({ queryKey: ['connections'] });
    void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
  };

  const remove = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/connections/{id}', {
        params: { path: { id }, header: { 'If-Match': `"${String(version)}"` } },
      }),
    onSuccess: async () => {
      notifications.show({ message: `${name} is deleted` });
      await leave();
    },
    onError: async (error) => {
      if (!(error instanceof Problem)) return;
      if (error.body.usages !== undefined) {
        void queryClient.invalidateQueries({ queryKey: ['connection', id] });
        onRefused(error.body.usages);
      } else if (error.status === 404) {
        notifications.show({ message: `${name} was deleted already` });
        await leave();
      } else if (error.status === 412) {
        setTyped('');
        void queryClient.invalidateQueries({ queryKey: ['connections'] });
        await queryClient.invalidateQueries({ queryKey: ['connection', id], exact: true });
      }
    },
  });
  const { error } = remove;
  const isChanged = error instanceof Problem && error.status === 412;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (remove.isPending) return;
    const isRight = typed.trim() === name.trim();
    setMissed(!isRight);
    if (isRight) remove.mutate();
    else field.current?.focus();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <ul className={classes.consequences}>
          <li>It is gone from the list at once, and nothing can be sent through it any more.</li>
          <li>
            Bounces and complaints that come late are still taken for 30 days; then its credentials and its data are
            erased.
          </li>
          <li>This cannot be undone.</li>
        </ul>
        <TextInput
          label={
            <>
              Type{' '}
              <Text span inherit fw={680}>
                {name}
              </Text>{' '}
              to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={isMissed ? 'This is not the name. Type it as it is written above.' : undefined}
          errorProps={{ role: 'alert' }}
          ref={field}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {error !== null && (
          <Failure error={error} title="The connection is not deleted">
            {isChanged && (
              <Text size="sm">
                What is shown is its newest form now. Type the name again if it shall go all the same.
              </Text>
            )}
          </Failure>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <BusyButton type="submit" color="danger" isBusy={remove.isPending}>
            Delete
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

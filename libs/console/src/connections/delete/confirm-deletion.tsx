import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import type { BlockingUsage, Connection } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import classes from './delete.module.css';

interface ConfirmDeletionProps {
  readonly connection: Connection;
  /** Campaigns or journeys started to use it in the meantime. */
  readonly onRefused: (usages: readonly BlockingUsage[]) => void;
  readonly onClose: () => void;
  readonly onDeleted?: (() => void) | undefined;
}

/** Explains what deleting means, and asks for the name as confirmation. */
export function ConfirmDeletion({ connection, onRefused, onClose, onDeleted }: ConfirmDeletionProps) {
  const { id, name, version } = connection;
  const days = inDays(useSession().deletedConnectionRetentionDays);
  const [typed, setTyped] = useState('');
  const [isMissed, setMissed] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  // It replaces a placeholder or the button "Check again", whose focus would be lost.
  useEffect(() => field.current?.focus(), []);
  const navigate = useNavigate();
  const queryClient = useQueryClient();

  const leave = async () => {
    onDeleted?.();
    onClose();
    await navigate({ to: '/connections' });
    // Only after leaving the page, which would otherwise fetch it again and get a 404.
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
      notifications.show({ message: `${name} deleted` });
      await leave();
    },
    onError: async (error) => {
      if (!(error instanceof Problem)) return;
      if (error.body.usages !== undefined) {
        void queryClient.invalidateQueries({ queryKey: ['connection', id] });
        onRefused(error.body.usages);
      } else if (error.status === 404) {
        notifications.show({ message: `${name} was already deleted` });
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
          <li>It disappears immediately and can no longer send.</li>
          <li>Late bounces and complaints are still recorded for {days}; then its credentials and data are erased.</li>
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
          error={isMissed ? 'The name doesn’t match.' : undefined}
          errorProps={{ role: 'alert' }}
          ref={field}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {error !== null && (
          <Failure error={error} title="Could not delete the connection">
            {isChanged && (
              <Text size="sm">
                The connection was changed in the meantime, and this page now shows the changes. Type the name again to
                delete it anyway.
              </Text>
            )}
          </Failure>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <BusyButton type="submit" color="danger" isBusy={remove.isPending}>
            Delete
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}

function inDays(count: number): string {
  return count === 1 ? '1 day' : `${String(count)} days`;
}

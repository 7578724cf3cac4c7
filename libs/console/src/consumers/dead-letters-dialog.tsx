import { Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { consumersQuery, deadLettersQuery } from '../api/queries.ts';
import type { Consumer, DeadLetter } from '../api/types.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import classes from './consumers.module.css';

interface DeadLettersDialogProps {
  /** Undefined while the dialog is closed. */
  readonly consumer: Consumer | undefined;
  readonly onClose: () => void;
}

/** The events that a consumer could not process. */
export function DeadLettersDialog({ consumer, onClose }: DeadLettersDialogProps) {
  // The texts stay while the dialog fades out.
  const [shown, setShown] = useState(consumer);
  if (consumer !== undefined && consumer !== shown) setShown(consumer);
  return (
    <Dialog
      opened={consumer !== undefined}
      onClose={onClose}
      size="lg"
      title={`Dead letters of ${shown?.name ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {shown !== undefined && <DeadLetters consumer={shown.name} />}
    </Dialog>
  );
}

function DeadLetters({ consumer }: { readonly consumer: string }) {
  const { data: letters, error, refetch } = useQuery(deadLettersQuery(consumer));
  if (error !== null) {
    return <Failure error={error} title="Could not load the dead letters" onRetry={() => void refetch()} />;
  }
  if (letters === undefined) return <Skeleton h={72} />;
  if (letters.length === 0) return <Text>All events of this consumer are processed.</Text>;
  return (
    <Stack gap="sm">
      <Text size="sm">The consumer failed for these events. It received all others.</Text>
      <ul className={classes.list} aria-label="Dead letters">
        {letters.map((letter) => (
          <DeadLetterItem key={letter.id} consumer={consumer} letter={letter} />
        ))}
      </ul>
    </Stack>
  );
}

function DeadLetterItem({ consumer, letter }: { readonly consumer: string; readonly letter: DeadLetter }) {
  const { id, eventId, reason, attempts, createdAt } = letter;
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => {
      const params = { path: { name: consumer, letterId: id } };
      return bodyOf(api.POST('/api/v1/consumers/{name}/dead-letters/{letterId}/replay', { params }));
    },
    onSuccess: async ({ error }) => {
      await Promise.all([
        queryClient.invalidateQueries(deadLettersQuery(consumer)),
        queryClient.invalidateQueries(consumersQuery),
      ]);
      if (error === null) notifications.show({ message: `Event ${eventId} processed` });
    },
  });
  const failedAgain = replay.data?.error ?? null;
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <Text fw={560}>Event {eventId}</Text>
        <Text size="sm" c="dimmed">
          {reason} · {attempts === 1 ? '1 attempt' : `${String(attempts)} attempts`}, <RelativeTime at={createdAt} />
        </Text>
        {replay.error !== null && <Failure error={replay.error} title="Could not try again" />}
        {failedAgain !== null && (
          <Text size="sm" role="alert">
            It failed again: {failedAgain}
          </Text>
        )}
      </div>
      <BusyButton
        variant="default"
        size="xs"
        isBusy={replay.isPending}
        onClick={() => replay.mutate()}
        aria-label={`Try event ${eventId} again`}
      >
        Try again
      </BusyButton>
    </li>
  );
}

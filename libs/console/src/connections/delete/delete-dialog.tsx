import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionQuery, usagesQuery } from '../../api/queries.ts';
import type { BlockingUsage, Connection } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Announcement, Status } from '../../ui/status.tsx';
import { blockingInWords, USAGE_CONSUMERS, USAGE_STATUSES } from '../usages/usage-words.ts';
import { ConfirmDeletion } from './confirm-deletion.tsx';
import classes from './delete.module.css';

interface DeleteDialogProps {
  readonly connection: Connection;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Called when it is deleted, before the list is shown. */
  readonly onDeleted?: (() => void) | undefined;
}

/** Deletes a connection, or shows which campaigns and journeys use it. Then leads to the list. */
export function DeleteDialog({ connection, opened, onClose, onDeleted }: DeleteDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Delete ${connection.name}?`}>
      <Content connection={connection} onClose={onClose} onDeleted={onDeleted} />
    </Dialog>
  );
}

function Content({ connection, onClose, onDeleted }: Omit<DeleteDialogProps, 'opened'>) {
  // The caller's copy of the connection may be outdated.
  const { data: read = connection } = useQuery(connectionQuery(connection.id));
  const usages = useQuery({ ...usagesQuery(connection.id), staleTime: 0 });
  // The response to an attempt is newer than what was loaded before it.
  const [refusedFor, setRefusedFor] = useState<readonly BlockingUsage[]>();
  const blocking = refusedFor ?? usages.data?.filter(({ active }) => active);

  if (usages.isError && blocking === undefined) {
    return (
      <Failure
        error={usages.error}
        title="Could not check whether campaigns or journeys use it"
        onRetry={() => void usages.refetch()}
      />
    );
  }
  if (blocking === undefined) return <DeletionSkeleton />;
  if (blocking.length > 0) {
    const checkAgain = async () => {
      const { isSuccess } = await usages.refetch();
      if (isSuccess) setRefusedFor(undefined);
    };
    return (
      <BlockedDeletion
        usages={blocking}
        isChecking={usages.isFetching}
        onCheckAgain={() => void checkAgain()}
        onClose={onClose}
      />
    );
  }
  return (
    <ConfirmDeletion
      connection={read.version > connection.version ? read : connection}
      onRefused={setRefusedFor}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}

function DeletionSkeleton() {
  return (
    <Stack aria-busy>
      <Skeleton h={44} />
      <Skeleton h={44} />
      <Skeleton h={60} />
      <Skeleton h={36} w={200} ml="auto" />
    </Stack>
  );
}

interface BlockedDeletionProps {
  readonly usages: readonly BlockingUsage[];
  readonly isChecking: boolean;
  readonly onCheckAgain: () => void;
  readonly onClose: () => void;
}

/** The campaigns and journeys that prevent deleting a connection, and what to do about it. */
function BlockedDeletion({ usages, isChecking, onCheckAgain, onClose }: BlockedDeletionProps) {
  const reason = `In use by ${blockingInWords(usages)}, so it can’t be deleted.`;
  return (
    <Stack>
      <Announcement>{reason}</Announcement>
      <Text>{reason}</Text>
      <ul className={classes.usages} aria-label="In use by" tabIndex={0}>
        {usages.map(({ consumer, ref, name, status }) => (
          <li key={`${consumer}/${ref}`} className={classes.usage}>
            <div className={classes.name}>
              <Text size="sm" fw={560}>
                {name}
              </Text>
              <Text size="sm" c="dimmed">
                {USAGE_CONSUMERS[consumer]} <code>{ref}</code>
              </Text>
            </div>
            <Status tone={USAGE_STATUSES[status].tone}>{USAGE_STATUSES[status].label}</Status>
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        {usages.length === 1
          ? 'Move it to another connection, or stop or cancel it. Then you can delete this connection.'
          : 'Move them to another connection, or stop or cancel them. Then you can delete this connection.'}
      </Text>
      <Group justify="flex-end" gap="xs">
        <BusyButton variant="default" isBusy={isChecking} onClick={onCheckAgain}>
          Check again
        </BusyButton>
        <Button onClick={onClose}>Cancel</Button>
      </Group>
    </Stack>
  );
}

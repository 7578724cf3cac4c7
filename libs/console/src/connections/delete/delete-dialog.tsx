import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionQuery, usagesQuery } from '../../api/queries.ts';
import type { BlockingUsage, Connection } from '../../api/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { BlockedDeletion } from './blocked-deletion.tsx';
import { ConfirmDeletion } from './confirm-deletion.tsx';
import { DeletionSkeleton } from './deletion-skeleton.tsx';

export interface DeleteDialogProps {
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

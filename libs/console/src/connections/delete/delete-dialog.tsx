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
  /** It is deleted, and the list is about to be shown. */
  readonly onDeleted?: (() => void) | undefined;
}

/** Deletes a connection, or says which campaigns and journeys need it. Afterwards the list is shown. */
export function DeleteDialog({ connection, opened, onClose, onDeleted }: DeleteDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Delete ${connection.name}?`}>
      <Content connection={connection} onClose={onClose} onDeleted={onDeleted} />
    </Dialog>
  );
}

function Content({ connection, onClose, onDeleted }: Omit<DeleteDialogProps, 'opened'>) {
  // Whoever opens the dialog may hold the connection as it was a while ago.
  const { data: read = connection } = useQuery(connectionQuery(connection.id));
  const usages = useQuery({ ...usagesQuery(connection.id), staleTime: 0 });
  // What the service answered to an attempt is newer than what was read before it.
  const [refusedFor, setRefusedFor] = useState<readonly BlockingUsage[]>();
  const blocking = refusedFor ?? usages.data?.filter(({ active }) => active);

  if (usages.isError && blocking === undefined) {
    return (
      <Failure
        error={usages.error}
        title="It is not known whether campaigns or journeys need it"
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

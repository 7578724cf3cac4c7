import { useQuery } from '@tanstack/react-query';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { UsageGate } from '../usages/usage-gate.tsx';
import { ConfirmDeletion } from './confirm-deletion.tsx';

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
  return (
    <UsageGate id={connection.id} action="deleted" onClose={onClose}>
      {(onRefused) => (
        <ConfirmDeletion
          connection={read.version > connection.version ? read : connection}
          onRefused={onRefused}
          onClose={onClose}
          onDeleted={onDeleted}
        />
      )}
    </UsageGate>
  );
}

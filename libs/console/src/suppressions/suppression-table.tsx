import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { SUPPRESSIONS_KEY } from '../api/suppression-queries.ts';
import type { Suppression } from '../api/types.ts';
import { useMayManageAll } from '../session/session.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import { DataRow, DataTable, DataTableSkeleton, focusWhenRendered } from '../ui/table/data-table.tsx';
import { SUPPRESSION_REASONS } from './suppression-words.ts';
import classes from './suppressions.module.css';

const TABLE = {
  label: 'Suppressed addresses',
  columns: ['Address', 'Reason', 'Cause', 'Suppressed', { label: 'Actions', isLabelHidden: true }],
  className: classes.table,
} as const;

interface SuppressionTableProps {
  readonly suppressions: readonly Suppression[];
  /** While those of another filter are being loaded. */
  readonly isStale: boolean;
}

export function SuppressionTable({ suppressions, isStale }: SuppressionTableProps) {
  const mayManage = useMayManageAll();
  const [removed, setRemoved] = useState<Suppression | undefined>();
  return (
    <>
      <DataTable {...TABLE} isStale={isStale}>
        {suppressions.map((suppression) => (
          <SuppressionRow
            key={suppression.id}
            suppression={suppression}
            onRemove={mayManage ? () => setRemoved(suppression) : undefined}
          />
        ))}
      </DataTable>
      <RemoveDialog suppression={removed} onClose={() => setRemoved(undefined)} />
    </>
  );
}

export function SuppressionTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={8} />;
}

interface SuppressionRowProps {
  readonly suppression: Suppression;
  readonly onRemove: (() => void) | undefined;
}

function SuppressionRow({ suppression, onRemove }: SuppressionRowProps) {
  const { id, address, reason, createdAt } = suppression;
  return (
    <DataRow id={rowId(id)} tabIndex={-1}>
      <td role="cell" className={classes.suppressed}>
        {address ?? (
          <Text span c="dimmed">
            Erased address
          </Text>
        )}
      </td>
      <td role="cell" data-column="Reason">
        <Status tone={reason === 'complaint' || reason === 'hard_bounce' ? 'bad' : 'neutral'}>
          {SUPPRESSION_REASONS[reason]}
        </Status>
      </td>
      <td role="cell" data-column="Cause" className={classes.cause}>
        <Cause suppression={suppression} />
      </td>
      <td role="cell" data-column="Suppressed">
        <RelativeTime at={createdAt} />
      </td>
      <td role="cell" className={classes.actions}>
        {onRemove !== undefined && address !== null && (
          <Button variant="default" size="xs" onClick={onRemove} aria-label={`Remove ${address}`}>
            Remove
          </Button>
        )}
      </td>
    </DataRow>
  );
}

function Cause({ suppression: { eventId, connectionId, note, addedBy } }: { readonly suppression: Suppression }) {
  if (eventId !== null && connectionId !== null) {
    return (
      <Link
        to="/connections/$id/events"
        params={{ id: connectionId }}
        search={{ event: eventId }}
        className={classes.link}
      >
        Event {eventId}
      </Link>
    );
  }
  return note ?? (addedBy?.startsWith('user:') === true ? `User ${addedBy.slice('user:'.length)}` : 'API key');
}

interface RemoveDialogProps {
  /** The suppression to remove; undefined while the dialog is closed. */
  readonly suppression: Suppression | undefined;
  readonly onClose: () => void;
}

function RemoveDialog({ suppression, onClose }: RemoveDialogProps) {
  // The text stays while the dialog fades out.
  const [shown, setShown] = useState(suppression);
  if (suppression !== undefined && suppression !== shown) setShown(suppression);
  const address = shown?.address ?? '';
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/suppressions/{address}', { params: { path: { address } } }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: SUPPRESSIONS_KEY });
      notifications.show({ message: `${address} is no longer suppressed` });
      onClose();
    },
  });
  return (
    <Dialog
      opened={suppression !== undefined}
      onClose={onClose}
      onExitTransitionEnd={() => remove.reset()}
      title="Remove the suppression?"
    >
      <Stack>
        <Text>
          Messages are sent to <b>{address}</b> again. {shown !== undefined && WARNINGS[shown.reason]}
        </Text>
        {remove.error !== null && <Failure error={remove.error} title="Could not remove the suppression" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <BusyButton color="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  );
}

const WARNINGS: Readonly<Record<Suppression['reason'], string>> = {
  hard_bounce: 'If the address still does not exist, the next message suppresses it again and harms your reputation.',
  soft_bounce: 'Five more soft bounces in a row suppress it again.',
  complaint: 'The recipient reported a message as spam. Send to them only if they asked for it.',
  unsubscribed: 'The recipient unsubscribed. Send to them only if they asked for it.',
  manual: '',
  list_import: '',
};

function rowId(id: string): string {
  return `suppression-${id}`;
}

/** Focuses the row of a suppression as soon as it is rendered. */
export function focusRow(id: string): void {
  focusWhenRendered(rowId(id));
}

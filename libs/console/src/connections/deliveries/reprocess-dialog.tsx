import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Delivery, ReprocessDeliveries } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { TimeField } from '../../ui/time-field.tsx';
import { useStartJob } from './use-jobs.ts';

interface ReprocessDialogProps {
  /** The connection. */
  readonly id: string;
  /** The only request to process; without it, the user selects a time of receipt. */
  readonly delivery?: Delivery;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks before requests are processed again, and starts the job. */
export function ReprocessDialog({ id, delivery, opened, onClose }: ReprocessDialogProps) {
  const title = delivery === undefined ? 'Process rejected requests again?' : 'Process this request again?';
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Content id={id} delivery={delivery} onClose={onClose} />
    </Dialog>
  );
}

const HOUR_MS = 60 * 60_000;
const LAST_HOURS: Readonly<Record<string, number>> = { day: 24, week: 7 * 24 };
const PERIODS = [
  { value: 'all', label: 'At any time' },
  { value: 'day', label: 'In the last 24 hours' },
  { value: 'week', label: 'In the last 7 days' },
  { value: 'range', label: 'In a time range' },
];

interface ContentProps {
  readonly id: string;
  readonly delivery: Delivery | undefined;
  readonly onClose: () => void;
}

function Content({ id, delivery, onClose }: ContentProps) {
  const start = useStartJob(id);
  const [period, setPeriod] = useState('all');
  const [from, setFrom] = useState<string>();
  const [to, setTo] = useState<string>();
  const isReversed = period === 'range' && from !== undefined && to !== undefined && from > to;
  const submit = () => {
    if (isReversed) return;
    start.mutate(delivery === undefined ? timesOf(period, from, to) : { ids: [delivery.id] }, {
      onSuccess: () => {
        notifications.show({ message: 'Processing started' });
        onClose();
      },
    });
  };
  return (
    <Stack>
      <Text size="sm">
        The service reads {delivery === undefined ? 'the stored bodies' : 'the stored body'} again, with its current
        version and the current settings of the connection. It stores events that are new, at the time when they were
        received. Events that are already stored are not stored twice.
      </Text>
      <Text size="sm" c="dimmed">
        {delivery === undefined
          ? 'Samples of unauthenticated requests are included if they can be verified now. Requests that still cannot be read stay rejected. You can cancel and resume the job.'
          : delivery.status === 'unauthenticated'
            ? 'The request must pass authentication first.'
            : 'If it still cannot be read, it stays as it is.'}
      </Text>
      {delivery === undefined && (
        <Select
          label="Received"
          data={PERIODS}
          value={period}
          onChange={(value) => setPeriod(value ?? 'all')}
          allowDeselect={false}
        />
      )}
      {period === 'range' && (
        <>
          <TimeField label="From" value={from} onChange={setFrom} />
          <TimeField
            label="To"
            value={to}
            onChange={setTo}
            error={isReversed ? 'Enter a time after the start.' : undefined}
          />
        </>
      )}
      {start.error !== null && <Failure error={start.error} title="Could not start the job" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <BusyButton isBusy={start.isPending} aria-disabled={isReversed} onClick={submit}>
          Process again
        </BusyButton>
      </Group>
    </Stack>
  );
}

/** The selection of a period; without a start or an end, everything before or up to now. */
function timesOf(period: string, from: string | undefined, to: string | undefined): ReprocessDeliveries {
  const now = new Date();
  const hours = LAST_HOURS[period];
  const start = hours === undefined ? new Date(0) : new Date(now.getTime() - hours * HOUR_MS);
  const isRange = period === 'range';
  return {
    from: (isRange ? from : undefined) ?? start.toISOString(),
    to: (isRange ? to : undefined) ?? now.toISOString(),
  };
}

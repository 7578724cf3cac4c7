import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { usagesQuery } from '../../api/queries.ts';
import type { BlockingUsage } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Announcement, Status } from '../../ui/status.tsx';
import { MoveUsages } from './move-usages.tsx';
import { blockingInWords, USAGE_CONSUMERS, USAGE_STATUSES } from './usage-words.ts';
import classes from './usages.module.css';

interface UsageGateProps {
  /** The id of the connection. */
  readonly id: string;
  /** What can't be done while campaigns or journeys need the connection: "deleted". */
  readonly action: 'deleted' | 'disabled';
  readonly onClose: () => void;
  /** @param onRefused to be called if the service refuses, because something started to use the connection in the meantime */
  readonly children: (onRefused: (usages: readonly BlockingUsage[]) => void) => ReactNode;
}

/** Shows its children only if no campaign or journey needs the connection; otherwise, which ones do. */
export function UsageGate({ id, action, onClose, children }: UsageGateProps) {
  const usages = useQuery({ ...usagesQuery(id), staleTime: 0 });
  // The response to an attempt is newer than what was loaded before it.
  const [refusedFor, setRefusedFor] = useState<readonly BlockingUsage[]>();
  const [isMoving, setMoving] = useState(false);
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
  if (blocking === undefined) return <GateSkeleton />;
  if (blocking.length === 0) return children(setRefusedFor);
  if (isMoving) {
    const moved = () => {
      setRefusedFor(undefined);
      setMoving(false);
    };
    return <MoveUsages id={id} onMoved={moved} onCancel={() => setMoving(false)} />;
  }
  const checkAgain = async () => {
    const { isSuccess } = await usages.refetch();
    if (isSuccess) setRefusedFor(undefined);
  };
  return (
    <Blocked
      usages={blocking}
      action={action}
      isChecking={usages.isFetching}
      onCheckAgain={() => void checkAgain()}
      onMove={() => setMoving(true)}
      onClose={onClose}
    />
  );
}

function GateSkeleton() {
  return (
    <Stack aria-busy>
      <Skeleton h={44} />
      <Skeleton h={44} />
      <Skeleton h={60} />
      <Skeleton h={36} w={200} ml="auto" />
    </Stack>
  );
}

interface BlockedProps extends Pick<UsageGateProps, 'action' | 'onClose'> {
  readonly usages: readonly BlockingUsage[];
  readonly isChecking: boolean;
  readonly onCheckAgain: () => void;
  readonly onMove: () => void;
}

/** The campaigns and journeys that need the connection, and what to do about it. */
function Blocked({ usages, action, isChecking, onCheckAgain, onMove, onClose }: BlockedProps) {
  const reason = `In use by ${blockingInWords(usages)}, so it can’t be ${action}.`;
  const them = usages.length === 1 ? 'it' : 'them';
  return (
    <Stack>
      <Announcement>{reason}</Announcement>
      <Text>{reason}</Text>
      <ul className={classes.blocking} aria-label="In use by" tabIndex={0}>
        {usages.map(({ consumer, ref, name, status }) => (
          <li key={`${consumer}/${ref}`} className={classes.usage}>
            <div className={classes.usageName}>
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
        Move {them} to another connection, or stop or cancel {them}. Then this connection can be {action}.
      </Text>
      <Group justify="flex-end" gap="xs">
        <BusyButton variant="default" isBusy={isChecking} onClick={onCheckAgain}>
          Check again
        </BusyButton>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={onMove}>Move…</Button>
      </Group>
    </Stack>
  );
}

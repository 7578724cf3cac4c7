import { Button, Group, Stack, Text } from '@mantine/core';
import type { BlockingUsage } from '../../api/types.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { BusyButton } from '../../ui/busy-button.tsx';
import { Status } from '../../ui/status.tsx';
import { USAGE_CONSUMERS, USAGE_STATUSES } from '../usages/usage-words.ts';
import classes from './blocked-deletion.module.css';

export interface BlockedDeletionProps {
  readonly usages: readonly BlockingUsage[];
  readonly isChecking: boolean;
  readonly onCheckAgain: () => void;
  readonly onClose: () => void;
}

/** Which campaigns and journeys keep a connection from being deleted, and what to do instead. */
export function BlockedDeletion({ usages, isChecking, onCheckAgain, onClose }: BlockedDeletionProps) {
  const told = `It cannot be deleted now: ${needs(usages.length)} it to send.`;
  return (
    <Stack>
      <Announcement>{told}</Announcement>
      <Text>{told}</Text>
      <ul className={classes.list} aria-label="What needs this connection" tabIndex={0}>
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
        Give each of them another connection, or stop or cancel it where it was made. As soon as none is scheduled,
        running or paused, the connection can be deleted.
      </Text>
      <Group justify="flex-end" gap="xs">
        <BusyButton variant="default" isBusy={isChecking} onClick={onCheckAgain}>
          Check again
        </BusyButton>
        <Button onClick={onClose}>Keep it</Button>
      </Group>
    </Stack>
  );
}

function needs(count: number): string {
  return count === 1 ? 'a campaign or journey needs' : `${String(count)} campaigns and journeys need`;
}

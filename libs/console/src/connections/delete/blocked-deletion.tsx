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

/** The campaigns and journeys that prevent deleting a connection, and what to do about it. */
export function BlockedDeletion({ usages, isChecking, onCheckAgain, onClose }: BlockedDeletionProps) {
  const reason = `In use by ${activeIn(usages)}, so it can’t be deleted.`;
  return (
    <Stack>
      <Announcement>{reason}</Announcement>
      <Text>{reason}</Text>
      <ul className={classes.list} aria-label="In use by" tabIndex={0}>
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

/** `2 campaigns and 1 journey`. */
function activeIn(usages: readonly BlockingUsage[]): string {
  const counted = (['campaign', 'journey'] as const).flatMap((consumer) => {
    const count = usages.filter((usage) => usage.consumer === consumer).length;
    return count === 0 ? [] : [`${String(count)} ${consumer}${count === 1 ? '' : 's'}`];
  });
  return counted.join(' and ');
}

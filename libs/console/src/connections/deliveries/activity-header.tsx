import { Button, Select, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import type { DeliveryStatus } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import classes from './deliveries.module.css';
import { counted, DELIVERY_STATUSES, isDeliveryStatus } from './delivery-words.ts';
import { ReprocessDialog } from './reprocess-dialog.tsx';

const ALL = 'all';
const CHOICES = [
  { value: ALL, label: 'All requests' },
  ...Object.entries(DELIVERY_STATUSES).map(([value, { label }]) => ({ value, label })),
];

interface ActivityHeaderProps {
  readonly id: string;
  readonly status: DeliveryStatus | undefined;
  readonly hasRequests: boolean;
  readonly onFilter: (status: DeliveryStatus | undefined) => void;
}

/** The heading of the list, its filter, and the button that processes all rejected requests again. */
export function ActivityHeader({ id, status, hasRequests, onFilter }: ActivityHeaderProps) {
  const mayManage = useMayManage();
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <div className={classes.header}>
      <div>
        <Title order={2} size="h5" id="webhook-activity">
          Webhook activity
        </Title>
        <Text c="dimmed" size="sm" mt={2}>
          The requests that the webhook received, newest first.
        </Text>
      </div>
      {(hasRequests || status !== undefined) && (
        <div className={classes.tools}>
          <Select
            className={classes.status}
            aria-label="Status of the requests"
            data={CHOICES}
            value={status ?? ALL}
            allowDeselect={false}
            onChange={(value) => onFilter(isDeliveryStatus(value) ? value : undefined)}
          />
          {mayManage && (
            <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={dialog.open}>
              Process rejected again
            </Button>
          )}
        </div>
      )}
      <ReprocessDialog id={id} opened={isOpen} onClose={dialog.close} />
    </div>
  );
}

interface UnauthenticatedProps extends Pick<ActivityHeaderProps, 'status' | 'onFilter'> {
  readonly count: number;
}

/** How many requests failed authentication, of which only samples are stored. */
export function UnauthenticatedNotice({ count, status, onFilter }: UnauthenticatedProps) {
  const isShown = status === 'unauthenticated';
  return (
    <div className={classes.unauthenticated}>
      <p>
        <strong>{counted(count, 'request')}</strong> failed authentication. Anyone can send such requests, so only the
        latest of them are stored, as samples.
      </p>
      <Button variant="default" size="xs" onClick={() => onFilter(isShown ? undefined : 'unauthenticated')}>
        {isShown ? 'Show all requests' : 'Show samples'}
      </Button>
    </div>
  );
}

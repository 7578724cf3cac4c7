import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deliveryQuery } from '../../api/delivery-queries.ts';
import { Problem } from '../../api/problem.ts';
import type { Delivery } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { DetailDrawer } from '../../ui/detail-drawer.tsx';
import { Failure } from '../../ui/failure.tsx';
import { DeliveryBody } from './delivery-body.tsx';
import { DeliveryFacts } from './delivery-facts.tsx';
import { focusRow } from './delivery-table.tsx';

interface DeliveryDrawerProps {
  /** The connection. */
  readonly id: string;
  /** The requests in the list. */
  readonly listed: readonly Delivery[];
  /** The request that is open; undefined while none is. */
  readonly deliveryId: string | undefined;
  readonly onClose: () => void;
}

/** One webhook request beside the list. */
export function DeliveryDrawer({ id, listed, deliveryId, onClose }: DeliveryDrawerProps) {
  return (
    <DetailDrawer
      title="Webhook request"
      itemId={deliveryId}
      onClose={onClose}
      focusRow={(each) => focusRow(each, { preventScroll: true })}
    >
      {(each) => (
        <Content key={each} id={id} deliveryId={each} listed={listed.find((delivery) => delivery.id === each)} />
      )}
    </DetailDrawer>
  );
}

interface ContentProps {
  readonly id: string;
  readonly deliveryId: string;
  readonly listed: Delivery | undefined;
}

/** The body needs full access; everything else is in the list too. */
function Content({ id, deliveryId, listed }: ContentProps) {
  const mayManage = useMayManage();
  const { data, error, refetch } = useQuery({ ...deliveryQuery(id, deliveryId), enabled: mayManage });
  const delivery = data ?? listed;
  const isGone = error instanceof Problem && error.status === 404;
  return (
    <Stack gap="lg" aria-busy={delivery === undefined && mayManage && error === null}>
      {delivery !== undefined && <DeliveryFacts id={id} delivery={delivery} />}
      {error !== null && (
        <Failure error={error} title="Could not load the request" onRetry={isGone ? undefined : () => void refetch()} />
      )}
      {data !== undefined ? (
        <DeliveryBody delivery={data} />
      ) : !mayManage ? (
        <Text size="sm" c="dimmed">
          {delivery === undefined
            ? 'The request is not in the list. Close this, and load more requests.'
            : 'You need full access to see the body.'}
        </Text>
      ) : (
        error === null && <Skeleton h={delivery === undefined ? 480 : 240} />
      )}
    </Stack>
  );
}

import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery, webhookQuery } from '../../api/queries.ts';
import { Failure } from '../../ui/failure.tsx';
import { useVendorName } from '../../vendors/use-vendor-name.ts';
import { LatestEventsCard } from '../overview/latest-events-card.tsx';
import { AddressCard } from './address-card.tsx';
import { NoWebhooks } from './no-webhooks.tsx';
import { SetUpCard } from './set-up-card.tsx';
import { StateCard } from './state-card.tsx';
import { WebhookSkeleton } from './webhook-skeleton.tsx';

const route = getRouteApi('/app/connections/$id/webhook');

/** Whether the vendor's events arrive, why not, and how to set that up. */
export function WebhookTab() {
  const { id } = route.useParams();
  const connection = useQuery(connectionQuery(id)).data;
  const vendorName = useVendorName(connection?.vendor ?? '');
  const { data: webhook, error, refetch } = useQuery(webhookQuery(id));

  if (webhook === undefined || connection === undefined) {
    return error === null ? (
      <WebhookSkeleton />
    ) : (
      <Failure error={error} title="Could not load the webhook" onRetry={() => void refetch()} />
    );
  }
  if (!webhook.supported) return <NoWebhooks id={id} vendorName={vendorName} />;
  const address = <AddressCard key="address" webhook={webhook} vendorName={vendorName} />;
  const setUp = webhook.url !== null && <SetUpCard key="set-up" id={id} webhook={webhook} vendorName={vendorName} />;
  return (
    <Stack gap="lg">
      {error !== null && <Failure error={error} title="This page may be out of date" onRetry={() => void refetch()} />}
      <StateCard id={id} webhook={webhook} vendorName={vendorName} />
      {/* What is still to be done comes first. */}
      {webhook.state === 'not_set_up' ? [setUp, address] : [address, setUp]}
      <LatestEventsCard id={id} />
    </Stack>
  );
}

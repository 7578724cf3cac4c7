import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery, REFRESH_MS, vendorsQuery } from '../../api/queries.ts';
import { Failure } from '../../ui/failure.tsx';
import { CountsCard } from './counts-card.tsx';
import { LatestEventsCard } from './latest-events-card.tsx';
import { NextSteps } from './next-steps.tsx';
import classes from './overview-tab.module.css';
import { SendingCard } from './sending-card.tsx';
import { StateCard } from './state-card.tsx';

const route = getRouteApi('/app/connections/$id/');

/** The state of a connection at a glance. */
export function OverviewTab() {
  const { id } = route.useParams();
  // Refreshed as often as the events below, so that they agree.
  const connection = useQuery({ ...connectionQuery(id), refetchInterval: REFRESH_MS }).data;
  const vendors = useQuery(vendorsQuery);
  if (connection === undefined || vendors.isPending) return <OverviewSkeleton />;
  const reported = vendors.data?.find(({ vendor }) => vendor === connection.vendor)?.capabilities.events;
  return (
    <Stack gap="lg">
      {vendors.data === undefined && vendors.error !== null && (
        <Failure
          error={vendors.error}
          title="Could not load the vendor’s capabilities"
          onRetry={() => void vendors.refetch()}
        />
      )}
      <NextSteps connection={connection} />
      <div className={classes.pair}>
        <StateCard connection={connection} />
        <SendingCard connection={connection} />
      </div>
      <CountsCard id={id} reported={reported} />
      <LatestEventsCard id={id} />
    </Stack>
  );
}

function OverviewSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true">
      <div className={classes.pair}>
        <Skeleton h={256} radius={14} />
        <Skeleton h={256} radius={14} />
      </div>
      <Skeleton h={240} radius={14} />
    </Stack>
  );
}

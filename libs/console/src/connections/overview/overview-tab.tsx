import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery } from '../../api/queries.ts';
import { CountsCard } from './counts-card.tsx';
import { LatestEventsCard } from './latest-events-card.tsx';
import { NextSteps } from './next-steps.tsx';
import classes from './overview-tab.module.css';
import { SendingCard } from './sending-card.tsx';
import { StateCard } from './state-card.tsx';

const route = getRouteApi('/app/connections/$id/');

/** How a connection stands, at a glance. */
export function OverviewTab() {
  const { id } = route.useParams();
  const connection = useQuery(connectionQuery(id)).data;
  return (
    <Stack gap="lg">
      {connection !== undefined && <NextSteps connection={connection} />}
      <div className={classes.pair}>
        <StateCard connection={connection} />
        <SendingCard connection={connection} />
      </div>
      <CountsCard id={id} vendor={connection?.vendor} />
      <LatestEventsCard id={id} />
    </Stack>
  );
}

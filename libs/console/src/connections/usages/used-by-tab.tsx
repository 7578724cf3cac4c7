import { Stack, Text, Title } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { usagesQuery } from '../../api/queries.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Failure } from '../../ui/failure.tsx';
import { UsageTable, UsageTableSkeleton } from './usage-table.tsx';

const route = getRouteApi('/app/connections/$id/used-by');

/** The campaigns and journeys that use the connection, and which of them prevent deleting it. */
export function UsedByTab() {
  const { id } = route.useParams();
  const { data: usages, error, refetch } = useQuery(usagesQuery(id));
  if (usages === undefined && error !== null) {
    return <Failure error={error} title="Could not load what uses this connection" onRetry={() => void refetch()} />;
  }
  if (usages?.length === 0) {
    return (
      <EmptyState icon={<IconStack2 size={22} />} title="Not in use">
        Campaigns and journeys appear here when they use this connection. Until then, you can delete it.
      </EmptyState>
    );
  }
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h5">
          Campaigns and journeys
        </Title>
        <Text c="dimmed" size="sm" mt={2}>
          Scheduled, running and paused ones are active. You cannot delete the connection while there is an active one.
        </Text>
      </div>
      {usages === undefined ? <UsageTableSkeleton /> : <UsageTable usages={usages} />}
    </Stack>
  );
}

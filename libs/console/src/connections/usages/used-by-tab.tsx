import { Stack, Text, Title } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { usagesQuery } from '../../api/queries.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Failure } from '../../ui/failure.tsx';
import { UsageTable, UsageTableSkeleton } from './usage-table.tsx';

const route = getRouteApi('/app/connections/$id/used-by');

/** Which campaigns and journeys have claimed the connection, and which of them keep it from being deleted. */
export function UsedByTab() {
  const { id } = route.useParams();
  const { data: usages, error, refetch } = useQuery(usagesQuery(id));
  if (usages === undefined && error !== null) {
    return <Failure error={error} title="It cannot be shown what uses it" onRetry={() => void refetch()} />;
  }
  if (usages?.length === 0) {
    return (
      <EmptyState icon={<IconStack2 size={22} />} title="Nothing uses this connection">
        A campaign or journey appears here as soon as it picks this connection. Until then it can be deleted freely.
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
          Those that are scheduled, running or paused are active: while there is one, the connection cannot be deleted.
        </Text>
      </div>
      {usages === undefined ? <UsageTableSkeleton /> : <UsageTable usages={usages} />}
    </Stack>
  );
}

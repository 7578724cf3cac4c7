import { IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { usagesQuery } from '../../api/queries.ts';
import { Card } from '../../ui/card.tsx';
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
    <Card
      title="Campaigns and journeys"
      description="Those that are scheduled, running or paused are active: while there is one, the connection cannot be deleted."
    >
      {usages === undefined ? <UsageTableSkeleton /> : <UsageTable usages={usages} />}
    </Card>
  );
}

import { Stack, Text, Title } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { usagesQuery } from '../../api/queries.ts';
import type { Usage } from '../../api/types.ts';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState } from '../../ui/page.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { DataRow, DataTable, DataTableSkeleton } from '../../ui/table/data-table.tsx';
import { USAGE_CONSUMERS, USAGE_STATUSES } from './usage-words.ts';
import classes from './usages.module.css';

const route = getRouteApi('/app/connections/$id/used-by');

/** The campaigns and journeys that use the connection, and which of them prevent deleting and disabling it. */
export function UsedByTab() {
  const { id } = route.useParams();
  const { data: usages, error, refetch } = useQuery(usagesQuery(id));
  if (usages === undefined && error !== null) {
    return <Failure error={error} title="Could not load what uses this connection" onRetry={() => void refetch()} />;
  }
  if (usages?.length === 0) {
    return (
      <EmptyState icon={<IconStack2 size={22} />} title="Not in use">
        Campaigns and journeys appear here when they use this connection. Until then, you can delete or disable it.
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
          Scheduled, running and paused ones are active. You cannot delete or disable the connection while there is an
          active one.
        </Text>
      </div>
      {usages === undefined ? <UsageTableSkeleton /> : <UsageTable usages={usages} />}
    </Stack>
  );
}

const TABLE = {
  label: 'Campaigns and journeys',
  columns: ['Name', 'Type', 'Reference', 'Status', 'Active', 'Updated'],
  className: classes.table,
} as const;

function UsageTable({ usages }: { readonly usages: readonly Usage[] }) {
  return (
    <DataTable {...TABLE}>
      {usages.map(({ consumer, ref, name, status, active, updatedAt }) => (
        <DataRow key={`${consumer}/${ref}`}>
          <td role="cell" className={classes.name}>
            {name}
          </td>
          <td role="cell" data-column="Type">
            {USAGE_CONSUMERS[consumer]}
          </td>
          <td role="cell" data-column="Reference" className={classes.reference}>
            <code>{ref}</code>
          </td>
          <td role="cell" data-column="Status">
            <Status tone={USAGE_STATUSES[status].tone}>{USAGE_STATUSES[status].label}</Status>
          </td>
          <td role="cell" data-column="Active">
            {active ? 'Yes' : <span className={classes.quiet}>No</span>}
          </td>
          <td role="cell" data-column="Updated" className={classes.quiet}>
            <RelativeTime at={updatedAt} />
          </td>
        </DataRow>
      ))}
    </DataTable>
  );
}

function UsageTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={3} />;
}

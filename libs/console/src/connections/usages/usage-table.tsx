import type { Usage } from '../../api/types.ts';
import { DataRow, DataTable, DataTableSkeleton } from '../../ui/data-table.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { USAGE_CONSUMERS, USAGE_STATUSES } from './usage-words.ts';
import classes from './usage-table.module.css';

const TABLE = {
  label: 'Campaigns and journeys',
  columns: ['Name', 'Type', 'Reference', 'Status', 'Active', 'Updated'],
  className: classes.table,
} as const;

export function UsageTable({ usages }: { readonly usages: readonly Usage[] }) {
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

export function UsageTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={3} />;
}

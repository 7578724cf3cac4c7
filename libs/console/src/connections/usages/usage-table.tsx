import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Usage } from '../../api/types.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { USAGE_CONSUMERS, USAGE_STATUSES } from './usage-words.ts';
import classes from './usage-table.module.css';

const COLUMNS = ['Name', 'Kind', 'Reference', 'Status', 'Active', 'Updated'] as const;
const SKELETON_ROWS = [0, 1, 2];

export function UsageTable({ usages }: { readonly usages: readonly Usage[] }) {
  return (
    <Frame>
      {usages.map(({ consumer, ref, name, status, active, updatedAt }) => (
        <tr key={`${consumer}/${ref}`} role="row" className={classes.row}>
          <td role="cell" className={classes.name}>
            {name}
          </td>
          <td role="cell" data-column="Kind">
            {USAGE_CONSUMERS[consumer]}
          </td>
          <td role="cell" data-column="Reference">
            <code className={classes.reference}>{ref}</code>
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
        </tr>
      ))}
    </Frame>
  );
}

export function UsageTableSkeleton() {
  return (
    <div aria-hidden>
      <Frame>
        {SKELETON_ROWS.map((row) => (
          <tr key={row} className={classes.row}>
            {COLUMNS.map((column) => (
              <td key={column}>
                <Skeleton h={12} w="70%" />
              </td>
            ))}
          </tr>
        ))}
      </Frame>
    </div>
  );
}

// The roles are said once more, because a table that is laid out otherwise on narrow screens is none to some browsers.
function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <table className={classes.table} role="table" aria-label="Campaigns and journeys">
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th key={column} scope="col" role="columnheader">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

import { Skeleton } from '@mantine/core';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import classes from './data-table.module.css';

export interface DataTableProps {
  /** What the rows are: "Connections". */
  readonly label: string;
  readonly columns: readonly string[];
  /** How wide the columns are, and what is where in a card. */
  readonly className?: string | undefined;
  /** While other rows are still being asked for. */
  readonly isStale?: boolean;
  readonly children: ReactNode;
}

/**
 * A table whose rows are cards where it has little room. There each value has its column's name above it, if its cell tells it in
 * `data-column`.
 */
export function DataTable({ label, columns, className = '', isStale = false, children }: DataTableProps) {
  // The roles are said once more, because a table that is laid out otherwise as cards is none to some browsers.
  return (
    <div className={classes.frame} data-stale={isStale}>
      <table className={`${classes.table} ${className}`} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

export function DataRow(props: ComponentPropsWithRef<'tr'>) {
  return <tr {...props} className={classes.row} role="row" />;
}

export interface DataTableSkeletonProps extends Pick<DataTableProps, 'label' | 'columns' | 'className'> {
  readonly rows: number;
  /** Of the first column, where it holds more than a line. */
  readonly first?: ReactNode;
}

/** Rows as high as the ones that come. */
export function DataTableSkeleton({ rows, first, ...table }: DataTableSkeletonProps) {
  const line = <Skeleton w="70%" h={12} my={5} />;
  return (
    <div aria-hidden>
      <DataTable {...table}>
        {Array.from({ length: rows }, (_, row) => (
          <DataRow key={row}>
            {table.columns.map((column, index) => (
              <td key={column} role="cell" data-column={index === 0 ? undefined : column}>
                {index === 0 ? (first ?? line) : line}
              </td>
            ))}
          </DataRow>
        ))}
      </DataTable>
    </div>
  );
}

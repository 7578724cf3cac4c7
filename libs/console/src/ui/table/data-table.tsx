import { Skeleton, VisuallyHidden } from '@mantine/core';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import classes from './data-table.module.css';

/** The name of a column; hidden where what is in it explains itself, such as buttons. */
type Column = string | { readonly label: string; readonly isLabelHidden: true };

interface DataTableProps {
  /** What the rows are: "Connections". */
  readonly label: string;
  readonly columns: readonly Column[];
  /** Sets the widths of the columns, and the layout of a card. */
  readonly className?: string | undefined;
  /** While other rows are on their way. */
  readonly isStale?: boolean;
  readonly children: ReactNode;
}

/**
 * A table whose rows become cards where it has little room. There each value has the name of its column above it, which its
 * cell repeats in `data-column`.
 */
export function DataTable({ label, columns, className = '', isStale = false, children }: DataTableProps) {
  // Browsers drop the roles of a table that CSS lays out as cards, so they are repeated.
  return (
    <div className={classes.frame} data-stale={isStale}>
      <table className={`${classes.table} ${className}`} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={labelOf(column)} scope="col" role="columnheader">
                {typeof column === 'string' ? column : <VisuallyHidden>{column.label}</VisuallyHidden>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

function labelOf(column: Column): string {
  return typeof column === 'string' ? column : column.label;
}

export function DataRow(props: ComponentPropsWithRef<'tr'>) {
  return <tr {...props} className={classes.row} role="row" />;
}

interface DataTableSkeletonProps extends Pick<DataTableProps, 'label' | 'columns' | 'className'> {
  readonly rows: number;
  /** The placeholder of the first column, if its cells have more than one line. */
  readonly first?: ReactNode;
}

/** Placeholder rows of the same height as the real ones. */
export function DataTableSkeleton({ rows, first, ...table }: DataTableSkeletonProps) {
  const line = <Skeleton w="70%" h={12} my={5} />;
  return (
    <div aria-hidden>
      <DataTable {...table}>
        {Array.from({ length: rows }, (_, row) => (
          <DataRow key={row}>
            {table.columns.map((column, index) => (
              <td
                key={labelOf(column)}
                role="cell"
                data-column={index === 0 || typeof column !== 'string' ? undefined : column}
              >
                {index === 0 ? (first ?? line) : typeof column === 'string' && line}
              </td>
            ))}
          </DataRow>
        ))}
      </DataTable>
    </div>
  );
}

/** A second, at the usual rate. */
const FRAMES = 60;

/** Focuses an element that is being rendered, which may take some frames. */
export function focusWhenRendered(elementId: string, options?: FocusOptions, frames = FRAMES): void {
  requestAnimationFrame(() => {
    const element = document.getElementById(elementId);
    if (element !== null) element.focus(options);
    else if (frames > 1) focusWhenRendered(elementId, options, frames - 1);
  });
}

import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import type { TrackedEvent } from '../../api/types.ts';
import { EventRow } from './event-row.tsx';
import classes from './event-table.module.css';

const COLUMNS = ['Event', 'Recipient', 'Details', 'Origin', 'Time'] as const;
const SKELETON_ROWS = Array.from({ length: 8 }, (_, index) => index);

export interface EventTableProps {
  readonly id: string;
  readonly filter: EventFilter;
  readonly events: readonly TrackedEvent[];
  /** Those that came while the list was open. */
  readonly arrived: ReadonlySet<string>;
  /** While another filter is still being asked for. */
  readonly isStale: boolean;
}

export function EventTable({ id, filter, events, arrived, isStale }: EventTableProps) {
  return (
    <Frame isStale={isStale}>
      {events.map((event) => (
        <EventRow key={event.id} id={id} filter={filter} event={event} isNew={arrived.has(event.id)} />
      ))}
    </Frame>
  );
}

/** Rows as high as the ones that come. */
export function EventTableSkeleton() {
  return (
    <div aria-hidden>
      <Frame isStale={false}>
        {SKELETON_ROWS.map((row) => (
          <tr key={row} className={classes.row}>
            {COLUMNS.map((column) => (
              <td key={column} data-column={column}>
                <Skeleton h={12} w="65%" my={5} />
              </td>
            ))}
          </tr>
        ))}
      </Frame>
    </div>
  );
}

// The roles are said once more, because a table that is laid out otherwise on narrow screens is none to some browsers.
function Frame({ isStale, children }: { readonly isStale: boolean; readonly children: ReactNode }) {
  return (
    <div className={classes.frame} data-stale={isStale}>
      <table className={classes.table} role="table" aria-label="Events">
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
    </div>
  );
}

import type { EventFilter } from '../../api/queries.ts';
import type { TrackedEvent } from '../../api/types.ts';
import { DataTable, DataTableSkeleton } from '../../ui/data-table.tsx';
import { EventRow } from './event-row.tsx';
import classes from './event-table.module.css';

const TABLE = {
  label: 'Events',
  columns: ['Event', 'Recipient', 'Details', 'Source', 'Time'],
  className: classes.table,
} as const;

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
    <DataTable {...TABLE} isStale={isStale}>
      {events.map((event) => (
        <EventRow key={event.id} id={id} filter={filter} event={event} isNew={arrived.has(event.id)} />
      ))}
    </DataTable>
  );
}

export function EventTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={8} />;
}

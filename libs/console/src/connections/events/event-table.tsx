import { Tooltip } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import type { TrackedEvent } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import tableClasses from '../../ui/table/data-table.module.css';
import { DataRow, DataTable, DataTableSkeleton, focusWhenRendered } from '../../ui/table/data-table.tsx';
import { ATTRIBUTIONS, EVENT_KINDS, summaryOf } from './event-words.ts';
import classes from './events.module.css';

const TABLE = {
  label: 'Events',
  columns: ['Event', 'Recipient', 'Details', 'Source', 'Time'],
  className: classes.table,
} as const;

interface EventTableProps {
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

interface EventRowProps {
  readonly id: string;
  readonly filter: EventFilter;
  readonly event: TrackedEvent;
  readonly isNew: boolean;
}

/** One event; clicking the row opens it. */
const EventRow = memo(function EventRow({ id, filter, event, isNew }: EventRowProps) {
  const { kind, recipient, attribution, occurredAt } = event;
  const { label, tone } = EVENT_KINDS[kind];
  const summary = summaryOf(event);
  const whom = recipient ?? 'No recipient';
  return (
    <DataRow data-new={isNew}>
      <td role="cell">
        <Status tone={tone}>{label}</Status>
      </td>
      <td role="cell" data-column="Recipient">
        <Link
          id={rowLinkId(event.id)}
          to="/connections/$id/events"
          params={{ id }}
          search={{ ...filter, event: event.id }}
          resetScroll={false}
          className={tableClasses.link}
          aria-label={`${whom}, ${label}: open`}
          aria-current={false}
        >
          {whom}
        </Link>
      </td>
      <td role="cell" data-column="Details" className={classes.details} title={summary === '' ? undefined : summary}>
        {summary}
      </td>
      <td role="cell" data-column="Source">
        <AttributionMark attribution={attribution} />
      </td>
      <td role="cell" data-column="Time">
        <RelativeTime at={occurredAt} />
      </td>
    </DataRow>
  );
});

/** Who sent the message of an event, in a word; a tooltip explains it, and the event's details do too. */
function AttributionMark({ attribution }: Pick<TrackedEvent, 'attribution'>) {
  const { label, meaning } = ATTRIBUTIONS[attribution];
  return (
    <Tooltip label={meaning} multiline w={260}>
      <span className={classes.source} data-attribution={attribution}>
        {label}
      </span>
    </Tooltip>
  );
}

/** The element id of the link in an event's row. */
function rowLinkId(eventId: string): string {
  return `event-${eventId}`;
}

/** Focuses the row of an event as soon as it is rendered. */
export function focusRow(eventId: string, options?: FocusOptions): void {
  focusWhenRendered(rowLinkId(eventId), options);
}

interface NewerButtonProps {
  readonly onClick: () => Promise<void>;
}

/** Loads newer events when too many arrived to insert them above the rows that are being read. */
export function NewerButton({ onClick }: NewerButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const click = async () => {
    setBusy(true);
    try {
      await onClick();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.newer}>
      <BusyButton
        size="xs"
        radius="xl"
        isBusy={isBusy}
        leftSection={<IconArrowUp size={14} aria-hidden />}
        onClick={() => void click()}
      >
        Show newer events
      </BusyButton>
    </div>
  );
}

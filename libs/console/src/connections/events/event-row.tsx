import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import type { TrackedEvent } from '../../api/types.ts';
import { DataRow } from '../../ui/data-table.tsx';
import tableClasses from '../../ui/data-table.module.css';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { EVENT_KINDS } from './event-kinds.ts';
import classes from './event-table.module.css';
import { summaryOf } from './event-words.ts';
import { rowLinkId } from './focus-row.ts';
import { AttributionMark } from './attribution-mark.tsx';

export interface EventRowProps {
  readonly id: string;
  readonly filter: EventFilter;
  readonly event: TrackedEvent;
  readonly isNew: boolean;
}

/** One event; clicking the row opens it. */
export const EventRow = memo(function EventRow({ id, filter, event, isNew }: EventRowProps) {
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

import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Problem } from '../../api/problem.ts';
import { type EventFilter, eventQuery } from '../../api/queries.ts';
import { DetailDrawer } from '../../ui/detail-drawer.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EventDetails } from './event-details.tsx';
import { focusRow } from './event-table.tsx';

interface EventDrawerProps {
  /** The connection. */
  readonly id: string;
  /** The event that is open; undefined while none is. */
  readonly eventId: string | undefined;
  readonly filter: EventFilter;
  readonly onClose: () => void;
}

/** One event beside the list. */
export function EventDrawer({ id, eventId, filter, onClose }: EventDrawerProps) {
  return (
    <DetailDrawer
      title="Event"
      itemId={eventId}
      onClose={onClose}
      focusRow={(each) => focusRow(each, { preventScroll: true })}
    >
      {(each) => <Content key={each} id={id} eventId={each} filter={filter} />}
    </DetailDrawer>
  );
}

interface ContentProps {
  readonly id: string;
  readonly eventId: string;
  readonly filter: EventFilter;
}

function Content({ id, eventId, filter }: ContentProps) {
  const { data: event, error, refetch } = useQuery(eventQuery(id, eventId));
  if (event !== undefined) return <EventDetails id={id} event={event} filter={filter} />;
  if (error !== null) {
    const isGone = error instanceof Problem && error.status === 404;
    return (
      <Failure error={error} title="Could not load the event" onRetry={isGone ? undefined : () => void refetch()} />
    );
  }
  return (
    <Stack aria-busy>
      <Skeleton h={26} w={220} />
      <Skeleton h={220} />
      <Skeleton h={240} />
    </Stack>
  );
}

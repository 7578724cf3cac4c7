import { Drawer, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../../api/problem.ts';
import { type EventFilter, eventQuery } from '../../api/queries.ts';
import { useEscape } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EventDetails } from './event-details.tsx';
import { focusRow } from './event-table.tsx';
import classes from './events.module.css';

interface EventDrawerProps {
  /** The connection. */
  readonly id: string;
  /** The event that is open; undefined while none is. */
  readonly eventId: string | undefined;
  readonly filter: EventFilter;
  readonly onClose: () => void;
}

/** One event beside the list; closing it returns the focus to its row. */
export function EventDrawer({ id, eventId, filter, onClose }: EventDrawerProps) {
  // Shown while the drawer slides away.
  const [last, setLast] = useState(eventId);
  if (eventId !== undefined && eventId !== last) setLast(eventId);
  useEscape(eventId !== undefined, onClose);
  const backToRow = () => last !== undefined && focusRow(last, { preventScroll: true });
  return (
    <Drawer
      opened={eventId !== undefined}
      onClose={onClose}
      title="Event"
      position="right"
      size="lg"
      classNames={{ title: classes.drawerTitle, body: classes.drawerBody }}
      returnFocus={false}
      onExitTransitionEnd={backToRow}
    >
      {last !== undefined && <Content key={last} id={id} eventId={last} filter={filter} />}
    </Drawer>
  );
}

function Content({
  id,
  eventId,
  filter,
}: {
  readonly id: string;
  readonly eventId: string;
  readonly filter: EventFilter;
}) {
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

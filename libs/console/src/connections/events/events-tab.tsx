import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { connectionQuery, type EventFilter } from '../../api/queries.ts';
import type { EventSearch } from '../../app/search.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { BusyButton } from '../../ui/busy-button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EVENT_KINDS } from './event-kinds.ts';
import { focusRow } from './focus-row.ts';
import { EventTable, EventTableSkeleton } from './event-table.tsx';
import { EventToolbar } from './event-toolbar.tsx';
import { NewerButton } from './newer-button.tsx';
import { NoEvents, NoMatch } from './no-events.tsx';
import { type Arrival, useEvents } from './use-events.ts';

const route = getRouteApi('/app/connections/$id/events');

/** The events of the messages, newest first, including those that arrive while the page is open. */
export function EventsTab() {
  const { id } = route.useParams();
  const { kind, recipient, event } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = useMemo<EventFilter>(
    () => ({ ...(kind && { kind }), ...(recipient && { recipient }) }),
    [kind, recipient],
  );
  const webhook = useQuery(connectionQuery(id)).data?.webhook.state;
  const { list, arrival, showNewest } = useEvents(id, filter);
  const more = useRef<HTMLButtonElement>(null);

  const show = (search: EventSearch) => void navigate({ search, replace: true, resetScroll: false });
  const events = list.data?.pages.flatMap((page) => page.data);
  const arrived = useMemo(() => new Set(arrival.data?.events.map((each) => each.id)), [arrival.data]);
  const isFiltered = kind !== undefined || recipient !== undefined;

  const error = list.error ?? arrival.error;
  const retry = () => {
    if (list.isFetchNextPageError) void list.fetchNextPage();
    else void (list.data === undefined ? list : arrival).refetch();
  };

  const loadMore = async () => {
    const hadFocus = document.activeElement === more.current;
    const known = events?.length ?? 0;
    const { data, hasNextPage } = await list.fetchNextPage();
    // The button disappears with the last page: the focus moves to the first new row.
    const next = data?.pages.flatMap((page) => page.data)[known];
    if (hadFocus && !hasNextPage && next !== undefined) focusRow(next.id);
  };

  const goToNewest = async () => {
    const newest = await showNewest();
    if (newest !== undefined) focusRow(newest.id);
  };

  return (
    <Stack gap="md">
      <EventToolbar filter={filter} onFilter={show} />
      <Announcement>{told(arrival.data)}</Announcement>
      {error !== null && (
        <Failure
          error={error}
          title={events === undefined ? 'Could not load the events' : 'The list may be out of date'}
          onRetry={retry}
        />
      )}
      {events === undefined ? (
        list.error === null && <EventTableSkeleton />
      ) : events.length > 0 ? (
        <>
          {arrival.data?.hasGap === true && <NewerButton onClick={goToNewest} />}
          <EventTable id={id} filter={filter} events={events} arrived={arrived} isStale={list.isPlaceholderData} />
          <Group justify="center" mih={36}>
            {list.hasNextPage ? (
              <BusyButton ref={more} variant="default" isBusy={list.isFetchingNextPage} onClick={() => void loadMore()}>
                Load more
              </BusyButton>
            ) : (
              <Text size="sm" c="dimmed">
                {events.length === 1 ? '1 event' : `${String(events.length)} events`}
              </Text>
            )}
          </Group>
        </>
      ) : isFiltered ? (
        <NoMatch onClear={() => show({})} />
      ) : (
        <NoEvents id={id} webhook={webhook} />
      )}
      <EventDrawer id={id} eventId={event} filter={filter} onClose={() => show({ ...filter })} />
    </Stack>
  );
}

function told(arrival: Arrival | undefined): string {
  if (arrival?.hasGap === true) return 'Many newer events arrived.';
  if (arrival === undefined || arrival.events.length === 0) return '';
  const { events, at } = arrival;
  const [first] = events;
  const time = at.toLocaleTimeString('en');
  if (events.length === 1 && first !== undefined) {
    return `${time}: ${EVENT_KINDS[first.kind].label}, ${first.recipient ?? 'no recipient'}`;
  }
  return `${time}: ${String(events.length)} new events`;
}

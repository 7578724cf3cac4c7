import { Button, Stack } from '@mantine/core';
import { IconActivity, IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { connectionQuery, type EventFilter } from '../../api/queries.ts';
import type { WebhookState } from '../../api/types.ts';
import type { EventSearch } from '../../app/search.ts';
import { useMayManage } from '../../session/session.ts';
import { BusyButton, ButtonLink } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState } from '../../ui/page.tsx';
import { Announcement } from '../../ui/status.tsx';
import { LoadMore } from '../../ui/table/load-more.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventTable, EventTableSkeleton, focusRow, NewerButton } from './event-table.tsx';
import { EventToolbar } from './event-toolbar.tsx';
import { EVENT_KINDS } from './event-words.ts';
import { type Arrival, useEvents } from './use-events.ts';

const route = getRouteApi('/app/connections/$id/events');

/** The events of the messages, including those that arrive while the page is open. */
export function EventsTab() {
  const { id } = route.useParams();
  const { kind, recipient, domain, from, to, order, event } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = useMemo<EventFilter>(
    () => ({
      ...(kind && { kind }),
      ...(recipient && { recipient }),
      ...(domain && { domain }),
      ...(from && { from }),
      ...(to && { to }),
      ...(order && { order }),
    }),
    [kind, recipient, domain, from, to, order],
  );
  const webhook = useQuery(connectionQuery(id)).data?.webhook.state;
  const { list, arrival, showNewest } = useEvents(id, filter);

  const show = (search: EventSearch) => void navigate({ search, replace: true, resetScroll: false });
  const events = list.data?.pages.flatMap((page) => page.data);
  const arrived = useMemo(() => new Set(arrival.data?.events.map((each) => each.id)), [arrival.data]);
  const isFiltered = [kind, recipient, domain, from, to].some((value) => value !== undefined);

  const error = list.error ?? arrival.error;
  const retry = () => {
    if (list.isFetchNextPageError) void list.fetchNextPage();
    else void (list.data === undefined ? list : arrival).refetch();
  };

  const goToNewest = async () => {
    const newest = await showNewest();
    if (newest !== undefined) focusRow(newest.id);
  };

  return (
    <Stack gap="md">
      <EventToolbar filter={filter} onFilter={show} />
      <Announcement>{arrivalInWords(arrival.data)}</Announcement>
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
          <LoadMore
            list={list}
            focusRow={focusRow}
            total={events.length === 1 ? '1 event' : `${String(events.length)} events`}
          />
        </>
      ) : list.hasNextPage ? (
        <NoMatchYet isBusy={list.isFetchingNextPage} onSearch={() => void list.fetchNextPage()} />
      ) : isFiltered ? (
        <NoMatch onClear={() => show({})} />
      ) : (
        <NoEvents id={id} webhook={webhook} />
      )}
      <EventDrawer id={id} eventId={event} filter={filter} onClose={() => show({ ...filter })} />
    </Stack>
  );
}

function arrivalInWords(arrival: Arrival | undefined): string {
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

interface NoEventsProps {
  readonly id: string;
  /** Undefined until it is known. */
  readonly webhook: WebhookState | undefined;
}

/** No events yet, and what to do about it. */
function NoEvents({ id, webhook }: NoEventsProps) {
  const mayManage = useMayManage();
  const reports = webhook !== 'unsupported';
  return (
    <EmptyState
      icon={<IconActivity size={22} />}
      title="No events yet"
      action={
        reports && (
          <ButtonLink to="/connections/$id/webhook" params={{ id }} variant="default">
            {webhook === 'not_set_up' && mayManage ? 'Set up the webhook' : 'View webhook'}
          </ButtonLink>
        )
      }
    >
      {reports
        ? 'Events appear here as soon as you send a message. Deliveries, bounces, complaints, opens and clicks arrive through the webhook.'
        : 'Sent messages and immediate rejections appear here. This vendor has no webhooks, so it does not report later events.'}
    </EmptyState>
  );
}

interface NoMatchYetProps {
  readonly isBusy: boolean;
  readonly onSearch: () => void;
}

/** The service reads a limited number of events for one page: others may follow. */
function NoMatchYet({ isBusy, onSearch }: NoMatchYetProps) {
  return (
    <>
      <Announcement>{isBusy ? '' : 'No matching events so far'}</Announcement>
      <EmptyState
        icon={<IconSearch size={22} />}
        title="No matching events so far"
        action={
          <BusyButton variant="default" isBusy={isBusy} onClick={onSearch}>
            Search further
          </BusyButton>
        }
      >
        Only part of the events has been searched.
      </EmptyState>
    </>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No matching events</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No matching events"
        action={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Search for a recipient by the exact address, or for all recipients of a domain.
      </EmptyState>
    </>
  );
}

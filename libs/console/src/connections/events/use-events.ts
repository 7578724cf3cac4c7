import { type InfiniteData, queryOptions, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type EventFilter, eventsQuery, newestEventsQuery, REFRESH_MS } from '../../api/queries.ts';
import type { EventPage, TrackedEvent } from '../../api/types.ts';

type EventList = InfiniteData<EventPage>;

/** Events that arrived last while the list was open. */
export interface Arrival {
  readonly events: readonly TrackedEvent[];
  readonly at: Date;
  /** More arrived than one page has, so they are not inserted; the list starts over on request. */
  readonly hasGap: boolean;
}

/**
 * The events of a connection: the pages that were loaded, with new events inserted above them. Loaded pages are not fetched
 * again, so a long list keeps its length and its scroll position.
 */
export function useEvents(id: string, filter: EventFilter) {
  const queryClient = useQueryClient();
  const list = useInfiniteQuery({ ...eventsQuery(id, filter), staleTime: Infinity });
  // Oldest first, new events belong to the end of the list: it is not loaded yet, or the next page has them.
  const isNewestFirst = filter.order !== 'asc';
  const enabled = isNewestFirst && list.isSuccess && !list.isPlaceholderData;
  const arrival = useQuery({ ...arrivalQuery(id, filter), enabled });

  /** Starts the list over; resolves to its first event. */
  const showNewest = async (): Promise<TrackedEvent | undefined> => {
    const page = await queryClient.fetchQuery({ ...newestEventsQuery(id, filter), staleTime: 0 });
    queryClient.setQueryData(eventsQuery(id, filter).queryKey, { pages: [page], pageParams: [undefined] });
    await arrival.refetch();
    return page.data[0];
  };
  return { list, arrival, showNewest };
}

/** Inserts new events above the loaded list. */
const arrivalQuery = (id: string, filter: EventFilter) =>
  queryOptions({
    queryKey: ['connection', id, 'event-arrival', filter],
    queryFn: async ({ client, queryKey }): Promise<Arrival> => {
      const page = await client.fetchQuery({ ...newestEventsQuery(id, filter), staleTime: 0 });
      const listKey = eventsQuery(id, filter).queryKey;
      const list = client.getQueryData(listKey);
      const events = list === undefined ? [] : unknownOf(list, page);
      const before = client.getQueryData<Arrival>(queryKey) ?? { events: [], at: new Date(), hasGap: false };
      if (list === undefined || events.length === 0) return { ...before, hasGap: false };
      const isEmpty = list.pages[0]?.data.length === 0;
      if (events.length === page.data.length && page.nextCursor !== null && !isEmpty)
        return { ...before, hasGap: true };
      client.setQueryData(listKey, withNewest(list, page));
      return { events, at: new Date(), hasGap: false };
    },
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });

function unknownOf({ pages: [shown] }: EventList, { data }: EventPage): readonly TrackedEvent[] {
  const known = new Set(shown?.data.map((event) => event.id));
  return data.filter((event) => !known.has(event.id));
}

/** The list with the new events first. */
function withNewest(list: EventList, page: EventPage): EventList {
  const [shown, ...others] = list.pages;
  if (shown === undefined || shown.data.length === 0) return { pages: [page], pageParams: [undefined] };
  const newest = new Set(page.data.map((event) => event.id));
  const older = shown.data.filter((event) => !newest.has(event.id));
  return { ...list, pages: [{ ...shown, data: [...page.data, ...older] }, ...others] };
}

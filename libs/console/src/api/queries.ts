import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from './client.ts';
import { isEventKind } from '../connections/events/event-words.ts';
import type { EventDetails, StatsInterval } from './types.ts';

/** The page size of the list of connections. */
const CONNECTIONS_PER_PAGE = 25;
const EVENTS_PER_PAGE = 50;
/** How often visible data is reloaded. */
export const REFRESH_MS = 5_000;
const SLOW_REFRESH_MS = 30_000;

const first = undefined as string | undefined;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/session', { signal })),
  staleTime: Infinity,
});

/** The vendors change with a release, not while a page is open. */
export const vendorsQuery = queryOptions({
  queryKey: ['vendors'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/v1/vendors', { signal }))).data,
  staleTime: Infinity,
});

interface ConnectionFilter {
  readonly search?: string | undefined;
  readonly vendor?: string | undefined;
  readonly enabled?: boolean | undefined;
}

export const connectionsQuery = (filter: ConnectionFilter) =>
  infiniteQueryOptions({
    queryKey: ['connections', filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...filter, limit: CONNECTIONS_PER_PAGE, cursor };
      return bodyOf(api.GET('/api/v1/connections', { params: { query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Connections whose name contains this text. */
export const sameNameQuery = (name: string) =>
  queryOptions({
    queryKey: ['connections', 'same-name', name],
    queryFn: async ({ signal }) => {
      const query = { search: name, limit: 100 };
      return (await bodyOf(api.GET('/api/v1/connections', { params: { query }, signal }))).data;
    },
  });

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/connections/{id}', { params: { path: { id } }, signal })),
  });

export const testsQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'tests'],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/api/v1/connections/{id}/tests', { params: { path: { id } }, signal }))).data,
  });

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'webhook'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/connections/{id}/webhook', { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });

/** Whether events arrive, with the numbers of requests. */
export const webhookHealthQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'webhook', 'health'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/connections/{id}/webhook/health', { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });

/** The vendor's own state of the webhook. It costs a call to the vendor, so only visible pages load it. */
export const registrationQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'webhook', 'registration'],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/connections/{id}/webhook/registration', { params: { path: { id } }, signal })),
    staleTime: 60_000,
    retry: false,
  });

/** The vendor's own log of its requests. */
export const webhookLogQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'webhook', 'log'],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/api/v1/connections/{id}/webhook/log', { params: { path: { id } }, signal }))).data,
    staleTime: 60_000,
    retry: false,
  });

export interface EventFilter {
  /** Kinds of events, separated by commas. */
  readonly kind?: string | undefined;
  readonly recipient?: string | undefined;
  /** The domain of the recipients. */
  readonly domain?: string | undefined;
  /** Times of receipt: ISO 8601, UTC. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Newest first by default. */
  readonly order?: 'asc' | undefined;
}

/** The events of a connection, page by page. `newestEventsQuery` loads those that arrive later. */
export const eventsQuery = (id: string, filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ['connection', id, 'events', filter],
    queryFn: ({ pageParam: cursor, signal }) => eventPage(id, filter, cursor, signal),
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** The newest events, reloaded while they are visible. */
export const newestEventsQuery = (id: string, filter: EventFilter) =>
  queryOptions({
    queryKey: ['connection', id, 'newest-events', filter],
    queryFn: ({ signal }) => eventPage(id, filter, first, signal),
    refetchInterval: REFRESH_MS,
  });

function eventPage(id: string, filter: EventFilter, cursor: string | undefined, signal: AbortSignal) {
  const { kind, ...others } = filter;
  const kinds = kind?.split(',').filter(isEventKind);
  const query = { ...others, ...(kinds && { kind: kinds }), limit: EVENTS_PER_PAGE, cursor };
  const params = { path: { id }, query };
  return bodyOf(api.GET('/api/v1/connections/{id}/events', { params, signal }));
}

/** One event, also as the API's own text: JavaScript rounds long numbers of the raw event. */
export const eventQuery = (id: string, eventId: string) =>
  queryOptions({
    queryKey: ['connection', id, 'event', eventId],
    queryFn: async ({ signal }): Promise<EventDetails & { readonly json: string }> => {
      const params = { path: { id, eventId } };
      const options = { params, signal, parseAs: 'text' } as const;
      const json = await bodyOf(api.GET('/api/v1/connections/{id}/events/{eventId}', options));
      return { ...(JSON.parse(json) as EventDetails), json };
    },
    staleTime: Infinity,
  });

/** What happened to a message, for one recipient or for all. */
export const timelineQuery = (id: string, messageId: string, recipient: string | undefined) =>
  queryOptions({
    queryKey: ['connection', id, 'timeline', messageId, recipient],
    queryFn: ({ signal }) => {
      const params = { path: { id, messageId }, query: { recipient } };
      return bodyOf(api.GET('/api/v1/connections/{id}/messages/{messageId}', { params, signal }));
    },
  });

export const statsQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: ['connection', id, 'stats', days],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/connections/{id}/stats', { params: { path: { id }, query: { days } }, signal })),
  });

/** Counts of each hour or day up to now. They change slowly, and a year of them is more to read than the totals. */
export const statsSeriesQuery = (id: string, interval: StatsInterval, days: number) =>
  queryOptions({
    queryKey: ['connection', id, 'stats', interval, days],
    queryFn: ({ signal }) => {
      const params = { path: { id }, query: { interval, days } };
      return bodyOf(api.GET('/api/v1/connections/{id}/stats', { params, signal }));
    },
    refetchInterval: SLOW_REFRESH_MS,
  });

/** The sums of all connections of the organization. */
export const organizationStatsQuery = (interval: StatsInterval, days: number) =>
  queryOptions({
    queryKey: ['stats', interval, days],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/stats', { params: { query: { interval, days } }, signal })),
    refetchInterval: SLOW_REFRESH_MS,
  });

export const usagesQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'usages'],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/api/v1/connections/{id}/usages', { params: { path: { id } }, signal }))).data,
  });

export const senderDefaultsQuery = (search: string) =>
  queryOptions({
    queryKey: ['sender-defaults', search],
    queryFn: ({ signal }) => {
      const query = { limit: 50, ...(search === '' ? {} : { search }) };
      return bodyOf(api.GET('/api/v1/sender-defaults', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });

/** What reads the feed; empty for organizations other than the operator's. */
export const consumersQuery = queryOptions({
  queryKey: ['consumers'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/v1/consumers', { signal }))).data,
  refetchInterval: REFRESH_MS,
});

export const deadLettersQuery = (name: string) =>
  queryOptions({
    queryKey: ['dead-letters', name],
    queryFn: async ({ signal }) => {
      const params = { path: { name } };
      return (await bodyOf(api.GET('/api/v1/consumers/{name}/dead-letters', { params, signal }))).data;
    },
  });

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/v1/api-keys', { signal }))).data,
});

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from './client.ts';
import { REFRESH_MS } from './queries.ts';
import type { WebhookMessageState } from './types.ts';

const PER_PAGE = 25;
/** How many pages are reloaded while they are visible. */
const REFRESHED_PAGES = 4;

const first = undefined as string | undefined;

/** The key of all queries about outgoing webhooks. */
export const OUTGOING_KEY: readonly string[] = ['outgoing-webhooks'];

export const endpointsQuery = queryOptions({
  queryKey: [...OUTGOING_KEY, 'list'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/v1/webhook-endpoints', { signal }))).data,
  refetchInterval: REFRESH_MS,
});

export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: [...OUTGOING_KEY, 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/webhook-endpoints/{id}', { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });

/** The messages of an endpoint, newest first, page by page; in one state or all. */
export const messagesQuery = (id: string, state: WebhookMessageState | undefined) =>
  infiniteQueryOptions({
    queryKey: [...OUTGOING_KEY, 'messages', id, state],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...(state && { state: [state] }), limit: PER_PAGE, cursor };
      return bodyOf(api.GET('/api/v1/webhook-endpoints/{id}/messages', { params: { path: { id }, query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: loaded }) => ((loaded.data?.pages.length ?? 1) > REFRESHED_PAGES ? false : REFRESH_MS),
  });

export const messageQuery = (id: string, messageId: string) =>
  queryOptions({
    queryKey: [...OUTGOING_KEY, 'message', id, messageId],
    queryFn: ({ signal }) => {
      const params = { path: { id, messageId } };
      return bodyOf(api.GET('/api/v1/webhook-endpoints/{id}/messages/{messageId}', { params, signal }));
    },
    refetchInterval: REFRESH_MS,
  });

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from './client.ts';
import { REFRESH_MS } from './queries.ts';
import type { DeliveryStatus, ReprocessingJob } from './types.ts';

const PER_PAGE = 25;
/** How many pages are reloaded while they are visible. */
const REFRESHED_PAGES = 4;
const JOB_REFRESH_MS = 1_000;

const first = undefined as string | undefined;

/** The webhook requests of a connection, newest first, page by page; of one status or of all. */
export const deliveriesQuery = (id: string, status: DeliveryStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: [...deliveriesKey(id), 'list', status],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...(status && { status: [status] }), limit: PER_PAGE, cursor };
      return bodyOf(api.GET('/api/v1/connections/{id}/deliveries', { params: { path: { id }, query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > REFRESHED_PAGES ? false : REFRESH_MS),
  });

/** One webhook request with its body. */
export const deliveryQuery = (id: string, deliveryId: string) =>
  queryOptions({
    queryKey: [...deliveriesKey(id), 'one', deliveryId],
    queryFn: ({ signal }) => {
      const params = { path: { id, deliveryId } };
      return bodyOf(api.GET('/api/v1/connections/{id}/deliveries/{deliveryId}', { params, signal }));
    },
  });

/** The key of all queries about webhook requests. */
export function deliveriesKey(id: string): readonly string[] {
  return ['connection', id, 'deliveries'];
}

/** The last re-processing jobs, newest first. */
export const jobsQuery = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'reprocessing'],
    queryFn: async ({ signal }): Promise<readonly ReprocessingJob[]> => {
      const params = { path: { id } };
      return (await bodyOf(api.GET('/api/v1/connections/{id}/deliveries/reprocess', { params, signal }))).data;
    },
    refetchInterval: ({ state }) => (state.data?.some(isActive) === true ? JOB_REFRESH_MS : REFRESH_MS),
  });

/** Whether a job still runs, or waits for others. */
export function isActive({ state }: ReprocessingJob): boolean {
  return state === 'pending' || state === 'running';
}

import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { SuppressionSearch } from '../app/search.ts';
import { api, bodyOf } from './client.ts';

const SUPPRESSIONS_PER_PAGE = 50;
/** The key of all lists of suppressions. */
export const SUPPRESSIONS_KEY = ['suppressions'] as const;

const first = undefined as string | undefined;

/** The suppressed addresses of the organization, newest first, page by page. */
export const suppressionsQuery = (filter: SuppressionSearch) =>
  infiniteQueryOptions({
    queryKey: [...SUPPRESSIONS_KEY, filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...filter, limit: SUPPRESSIONS_PER_PAGE, cursor };
      return bodyOf(api.GET('/api/v1/suppressions', { params: { query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { AuditSearch } from '../app/search.ts';
import { api, bodyOf } from './client.ts';

const ENTRIES_PER_PAGE = 50;

const first = undefined as string | undefined;

/** The audit entries of the organization, newest first, page by page. */
export const auditQuery = (filter: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { ...filter, limit: ENTRIES_PER_PAGE, cursor };
      return bodyOf(api.GET('/api/v1/audit', { params: { query }, signal }));
    },
    initialPageParam: first,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

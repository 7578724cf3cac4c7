import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem.ts';
import { sessionQuery } from '../api/queries.ts';
import { sessionEnded } from '../session/session-ended.ts';

const TRIES = 3;

/** A session that ended is asked for again over the page, where everything that was typed stays. */
function onError(error: Error): void {
  if (
    error instanceof Problem &&
    error.status === 401 &&
    queryClient.getQueryData(sessionQuery.queryKey) !== undefined
  ) {
    sessionEnded.set(true);
  }
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => failures < TRIES - 1 && error instanceof Problem && error.isPassing,
      retryDelay: (failures) => 500 * 2 ** failures,
      // A tab that the browser believes to be offline is told so by the call itself.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

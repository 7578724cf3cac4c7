import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem.ts';
import { sessionQuery } from '../api/queries.ts';
import { sessionEnded } from '../session/session.ts';

const TRIES = 3;

/** When the session has ended, a dialog over the page asks to sign in again, so that nothing typed is lost. */
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
      // Whether the service is reachable shows in the call itself, not in what the browser assumes.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

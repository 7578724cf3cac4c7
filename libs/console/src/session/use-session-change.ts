import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { sessionEnded } from './session-ended.ts';

export interface SessionChange {
  /** Keeps the page and reloads its data. */
  readonly resume: (session: Session) => void;
  /** Leaves the page of another user or organization with a full page load, which clears its memory. */
  readonly restart: () => void;
}

/** What to do with a session that was opened while a page was open. */
export function useSessionChange(): SessionChange {
  const queryClient = useQueryClient();
  const { history } = useRouter();
  return {
    resume: (session) => {
      sessionEnded.set(false);
      queryClient.setQueryData(sessionQuery.queryKey, session);
      void queryClient.invalidateQueries();
    },
    restart: () => {
      // Without asking whether to stay: what was typed would be saved in the wrong organization.
      history.destroy();
      location.assign('/connections');
    },
  };
}
